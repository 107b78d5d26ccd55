-- oathmesh-guard v2 global-access-last
-- Answers 503 when an oathmesh entity applies to this request and has not let it pass.
local PASSES = { allow = true, observe = true, anonymous = true }

local function refuse(why)
  kong.log.err("oathmesh guard: ", why)
  return kong.response.exit(503, {
    error = "verification_failed", message = "The token could not be verified.",
    fix = "Retry after the time in Retry-After; mint a new token if this one has expired.",
  }, { ["Cache-Control"] = "no-store", ["Retry-After"] = "1" })
end

-- Kong keys entities "route:service:consumer", Enterprise adds ":group"; "" where not scoped.
local function applies(name, ctx)
  local entities = ctx.plugins.ws.combos[name]
  if entities == nil then return false end
  assert(type(entities) == "table" and (ctx.service or not ctx.route.service))
  local route, service = ctx.route.id .. ":", ctx.service and ctx.service.id or ""
  local consumer = ":" .. (ctx.authenticated_consumer and ctx.authenticated_consumer.id or "")
  local tails = { ":", consumer, "::", consumer .. ":" }
  for i, g in ipairs(ctx.authenticated_consumer_groups or {}) do tails[i + 4] = "::" .. g.id end
  for _, tail in ipairs(tails) do
    if entities[route .. service .. tail] or entities[route .. tail]
      or entities[":" .. service .. tail] or entities[":" .. tail] then return true end
  end
end
local function look(ctx) return applies("post-function", ctx), applies("oathmesh", ctx) end

return function()
  -- Unless this very function is found by the same rules, not finding oathmesh means nothing.
  local known, own, found = pcall(look, ngx.ctx)
  if not (known and own) then
    return refuse("Kong's plugins are not as known: " .. (own or "post-function not found"))
  end
  if not found then return end
  if not kong.ctx.shared.oathmesh_guard then return refuse("its first function has not run") end
  if PASSES[kong.request.get_headers(1000)["x-oathmesh-decision"]] then return end
  return refuse("the oathmesh plugin has not decided")
end
