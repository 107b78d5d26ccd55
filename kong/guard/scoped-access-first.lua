-- oathmesh-guard v1 scoped-access-first
-- Removes every client-sent X-OathMesh-* header before any other plugin runs. From here on the
-- marker can only come from the oathmesh plugin; scoped-access-last asks for both.

-- The most header fields Kong shows. A spoofed one could hide behind them.
local MAX_HEADERS = 1000

return function()
  local seen = 0
  for name, value in pairs(kong.request.get_headers(MAX_HEADERS)) do
    seen = seen + (type(value) == "table" and #value or 1)
    -- Kong lets "_" in names through, and upstreams behind CGI read it as "-".
    local folded = string.gsub(string.lower(name), "_", "-")
    if string.find(folded, "x-oathmesh-", 1, true) == 1 then
      kong.service.request.clear_header(name)
    end
  end
  if seen >= MAX_HEADERS then
    return kong.response.exit(400, {
      error = "verification_failed",
      message = "The request has too many headers.",
      fix = "Send fewer than 1000 header fields.",
    }, { ["Cache-Control"] = "no-store" })
  end
  kong.ctx.shared.oathmesh_guard = true
end
