/**
 * Entities of one service, `up`, with a route for each path or host name and the configuration of the
 * plugin on it; `null` is a route without the plugin. What stands beside them comes with `more`.
 */
export function serviceWith(
  routes: Readonly<Record<string, object | null>>,
  more: object = {},
): (upstreamUrl: string) => object {
  return (url) => ({
    services: [
      {
        name: 'up',
        url,
        routes: Object.entries(routes).map(([place, config]) => ({
          name: place.replaceAll('/', '') || 'root',
          strip_path: false,
          ...(place.startsWith('/') ? { paths: [place] } : { hosts: [place], paths: ['/'] }),
          plugins: config === null ? [] : [{ name: 'oathmesh', config }],
        })),
      },
    ],
    ...more,
  })
}
