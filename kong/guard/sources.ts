import type { GuardName } from './guard-name.ts'

/** Generated from the Lua files beside this one: `npm run generate`. */
export const SOURCES: Readonly<Record<GuardName, string>> = {
  'global-access-first': `-- oathmesh-guard v2 global-access-first
-- Removes every client-sent X-OathMesh-* header before any other plugin runs, on every route. From
-- here on the marker can only come from the oathmesh plugin; global-access-last asks for both.

-- The most header fields Kong shows. A spoofed one could hide behind them.
local MAX_HEADERS = 1000
-- After all plugins Kong drops what Connection names: identity they have set, and the length of a
-- body they have read, which the upstream then takes for another request that no plugin has seen.
local STAY = { ",content-length,", ",transfer-encoding,", ",host,", ",authorization,",
  ",x-oathmesh-", ",x-consumer-", ",x-anonymous-consumer,", ",x-credential-identifier," }

-- Kong lets "_" in names through, and upstreams behind CGI read it as "-".
local function folded(name) return (string.gsub(string.lower(name), "_", "-")) end

local function must_stay(connection)
  local names = "," .. string.gsub(folded(connection), "[^%w-]+", ",") .. ","
  for _, stay in ipairs(STAY) do if string.find(names, stay, 1, true) then return true end end
end

local function refuse(message, fix)
  return kong.response.exit(400, { error = "verification_failed", message = message, fix = fix },
    { ["Cache-Control"] = "no-store" })
end

return function()
  local seen, connection = 0, ""
  for name, value in pairs(kong.request.get_headers(MAX_HEADERS)) do
    seen = seen + (type(value) == "table" and #value or 1)
    local plain = folded(name)
    if string.find(plain, "x-oathmesh-", 1, true) == 1 then
      kong.service.request.clear_header(name)
    elseif plain == "connection" then
      connection = type(value) == "table" and table.concat(value, ",") or value
    end
  end
  if seen >= MAX_HEADERS then
    return refuse("The request has too many headers.", "Send fewer than 1000 header fields.")
  end
  if must_stay(connection) then
    return refuse("The Connection header names a header that must stay.",
      "Name no identity, authorization or framing header in Connection.")
  end
  kong.ctx.shared.oathmesh_guard = true
end
`,
  'global-access-last': `-- oathmesh-guard v2 global-access-last
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
`,
  'scoped-access-first': `-- oathmesh-guard v2 scoped-access-first
-- Removes every client-sent X-OathMesh-* header before any other plugin runs. From here on the
-- marker can only come from the oathmesh plugin; scoped-access-last asks for both.

-- The most header fields Kong shows. A spoofed one could hide behind them.
local MAX_HEADERS = 1000
-- After all plugins Kong drops what Connection names: identity they have set, and the length of a
-- body they have read, which the upstream then takes for another request that no plugin has seen.
local STAY = { ",content-length,", ",transfer-encoding,", ",host,", ",authorization,",
  ",x-oathmesh-", ",x-consumer-", ",x-anonymous-consumer,", ",x-credential-identifier," }

-- Kong lets "_" in names through, and upstreams behind CGI read it as "-".
local function folded(name) return (string.gsub(string.lower(name), "_", "-")) end

local function must_stay(connection)
  local names = "," .. string.gsub(folded(connection), "[^%w-]+", ",") .. ","
  for _, stay in ipairs(STAY) do if string.find(names, stay, 1, true) then return true end end
end

local function refuse(message, fix)
  return kong.response.exit(400, { error = "verification_failed", message = message, fix = fix },
    { ["Cache-Control"] = "no-store" })
end

return function()
  local seen, connection = 0, ""
  for name, value in pairs(kong.request.get_headers(MAX_HEADERS)) do
    seen = seen + (type(value) == "table" and #value or 1)
    local plain = folded(name)
    if string.find(plain, "x-oathmesh-", 1, true) == 1 then
      kong.service.request.clear_header(name)
    elseif plain == "connection" then
      connection = type(value) == "table" and table.concat(value, ",") or value
    end
  end
  if seen >= MAX_HEADERS then
    return refuse("The request has too many headers.", "Send fewer than 1000 header fields.")
  end
  if must_stay(connection) then
    return refuse("The Connection header names a header that must stay.",
      "Name no identity, authorization or framing header in Connection.")
  end
  kong.ctx.shared.oathmesh_guard = true
end
`,
  'scoped-access-last': `-- oathmesh-guard v2 scoped-access-last
-- Answers 503 when the oathmesh entity beside it has not let the request pass.
local PASSES = { allow = true, observe = true, anonymous = true }

local function refuse(why)
  kong.log.err("oathmesh guard: ", why)
  return kong.response.exit(503, {
    error = "verification_failed", message = "The token could not be verified.",
    fix = "Retry after the time in Retry-After; mint a new token if this one has expired.",
  }, { ["Cache-Control"] = "no-store", ["Retry-After"] = "1" })
end

return function()
  if not kong.ctx.shared.oathmesh_guard then return refuse("its first function has not run") end
  if PASSES[kong.request.get_headers(1000)["x-oathmesh-decision"]] then return end
  return refuse("the oathmesh plugin has not decided")
end
`,
  'closed-access-last': `-- oathmesh-guard v2 closed-access-last
-- As global-access-last, and answers 503 on a route with neither an oathmesh entity nor this tag.
local PUBLIC = "oathmesh-public"
local PASSES = { allow = true, observe = true, anonymous = true }

local function refuse(why)
  kong.log.err("oathmesh guard: ", why)
  return kong.response.exit(503, {
    error = "verification_failed", message = "The token could not be verified.",
    fix = "Retry after the time in Retry-After; mint a new token if this one has expired.",
  }, { ["Cache-Control"] = "no-store", ["Retry-After"] = "1" })
end

-- Kong keys entities "route:service:consumer", Enterprise adds ":group".
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
  if not found then
    for _, tag in ipairs(ngx.ctx.route.tags or {}) do if tag == PUBLIC then return end end
    return refuse("the route has neither an oathmesh entity nor the tag " .. PUBLIC)
  end
  if not kong.ctx.shared.oathmesh_guard then return refuse("its first function has not run") end
  if PASSES[kong.request.get_headers(1000)["x-oathmesh-decision"]] then return end
  return refuse("the oathmesh plugin has not decided")
end
`,
}
