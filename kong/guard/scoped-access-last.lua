-- oathmesh-guard v2 scoped-access-last
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
