-- oathmesh-guard v2 scoped-access-first
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
