import type { ConnectionManager, HttpFilter, Route } from './connection-manager.ts'
import type { Finding } from './finding.ts'

/** A prefix that ends before the name would leave the choice of the policy to the client's path. */
const NAMES_POLICY = /^\/envoy\/[\w.-]+$/

/** Whether nothing is decided on a route. */
export function isDisabled(route: Route, own: HttpFilter): boolean {
  return route.perFilter(own.name)?.get('disabled').value === true
}

/** What single routes do to the filter. */
export function routeFaults({ routes }: ConnectionManager, own: HttpFilter): readonly Finding[] {
  return unique(
    routes.flatMap((route) => [
      ...redirects(route),
      ...(isDisabled(route, own) ? [] : decided(route, own)),
    ]),
  )
}

function redirects({ part }: Route): readonly Finding[] {
  const policy = part.get('route', 'internal_redirect_policy')
  return policy.exists ? [{ code: 'internal_redirect', part: policy }] : []
}

function decided(route: Route, own: HttpFilter): readonly Finding[] {
  const found: Finding[] = []
  const settings = route.perFilter(own.name)?.get('check_settings')
  const body = settings?.get('with_request_body')
  if (body?.get('pack_as_bytes').exists) {
    found.push({ code: 'route_bytes', part: body.get('pack_as_bytes') })
  }
  // Over HTTP the policy is in the path.
  const overHttp = own.config.get('http_service')
  if (overHttp.exists) {
    if (!NAMES_POLICY.test(overHttp.get('path_prefix').text ?? '')) {
      found.push({ code: 'no_policy', part: overHttp })
    }
  } else if (route.context(own.name, 'oathmesh') === undefined) {
    found.push({ code: 'no_policy', part: route.part })
  }
  const claim = route.context(own.name, 'oathmesh_body')
  const off = settings?.get('disable_request_body_buffering').value === true
  const buffered = body?.exists || own.config.get('with_request_body').exists
  if (claim?.text === 'buffered' && (off || !buffered)) {
    found.push({ code: 'not_buffered', part: claim })
  }
  return found
}

/** What a virtual host says is said once, and not for each of its routes. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ code, part }) => {
    const key = JSON.stringify([code, part.path])
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
