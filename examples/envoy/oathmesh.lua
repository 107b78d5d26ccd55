-- Asks oathmesh-envoy about a request. Sets txn.oathmesh to "decided" on a pass, and on nothing else.
local ADDRESS = "http://127.0.0.1:9002"

local function is_ours(name)
  return name:lower():gsub("_", "-"):find("x-oathmesh-", 1, true) == 1
end

-- HAProxy counts values from 0.
local function values_of(list)
  local values = {}
  for _, value in pairs(list or {}) do values[#values + 1] = value end
  return values
end

core.register_action("oathmesh", { "http-req" }, function(txn, policy)
  local received = txn.http:req_get_headers()
  local answer = core.httpclient():get({
    url = ADDRESS .. "/haproxy/" .. policy,
    headers = {
      ["x-original-method"] = { txn.sf:method() },
      ["x-original-uri"] = { txn.sf:pathq() },
      ["authorization"] = values_of(received["authorization"]),
      ["x-request-id"] = values_of(received["x-request-id"]),
    },
    timeout = 1500,
  })
  if answer.status ~= 200 then
    local reply = txn:reply({ status = answer.status >= 400 and answer.status or 503, body = answer.body or "" })
    for _, name in ipairs({ "content-type", "www-authenticate", "retry-after" }) do
      for _, value in pairs(answer.headers and answer.headers[name] or {}) do reply:add_header(name, value) end
    end
    txn:done(reply)
    return
  end
  for name in pairs(received) do
    if is_ours(name) or name == "authorization" then txn.http:req_del_header(name) end
  end
  for name, values in pairs(answer.headers) do
    if is_ours(name) then txn.http:req_set_header(name, values[0]) end
  end
  txn:set_var("txn.oathmesh", "decided")
end, 1)
