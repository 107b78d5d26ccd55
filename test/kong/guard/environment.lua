-- What the guard's functions see inside Kong, as a table: `lua5.1 environment.lua DIRECTORY ROWS`.
-- ROWS is a Lua file that returns a list of rows (see row.ts). Prints one outcome per row.
local directory, rows_file = arg[1], arg[2]

-- The globals of Kong's sandbox, 3.4 to 3.9. Anything else is nil, as it is there.
local function sandbox(kong, ngx)
  local env = { kong = kong, ngx = ngx }
  local visible = "_VERSION assert error ipairs next pairs pcall select tonumber tostring type unpack "
    .. "xpcall coroutine math string"
  for name in visible:gmatch("%S+") do env[name] = _G[name] end
  env.os = { clock = os.clock, date = os.date, difftime = os.difftime, time = os.time }
  env.table = {
    concat = table.concat, insert = table.insert, maxn = table.maxn,
    remove = table.remove, sort = table.sort,
  }
  env._G = env
  return env
end

local EXIT = {}

local function new_request(row)
  local fields = {}
  local self = { cleared = {}, shared = {}, log = "" }

  function self.add(headers)
    for _, field in ipairs(headers or {}) do fields[#fields + 1] = { field[1], field[2] } end
  end

  function self.clear(name)
    for i = #fields, 1, -1 do
      if fields[i][1]:lower() == name:lower() then table.remove(fields, i) end
    end
  end

  -- As OpenResty shows them: lower-case names, a list for a repeated one, at most `max` fields.
  function self.headers(max)
    local shown = {}
    for i = 1, math.min(max, #fields) do
      local name, value = fields[i][1]:lower(), fields[i][2]
      local before = shown[name]
      if before == nil then shown[name] = value
      elseif type(before) == "table" then before[#before + 1] = value
      else shown[name] = { before, value } end
    end
    return setmetatable(shown, { __index = function(t, key)
      return rawget(t, (key:lower():gsub("_", "-")))
    end }), #fields > max and "truncated" or nil
  end

  function self.like_ours()
    local names = {}
    for _, field in ipairs(fields) do
      local name = field[1]:lower()
      if name:find("oathmesh", 1, true) then names[#names + 1] = name end
    end
    return table.concat(names, " ")
  end

  self.add(row.client)
  for i = 1, row.fill do self.add({ { "x-filler-" .. i, "1" } }) end
  for _ = 1, row["repeat"] do self.add({ { "x-filler", "1" } }) end
  self.add(row.hidden)
  return self
end

local function new_kong(request)
  return {
    ctx = { shared = request.shared },
    log = { err = function(...) request.log = table.concat({ ... }) end },
    request = {
      get_headers = function(max)
        assert(max == nil or (max >= 1 and max <= 1000), "max_headers out of Kong's bounds")
        return request.headers(max or 100)
      end,
    },
    service = { request = { clear_header = request.clear } },
    response = {
      -- In Kong it yields and is never resumed: nothing after it runs.
      exit = function(status, body, headers)
        request.exit = { status = status, body = body, headers = headers }
        error(EXIT)
      end,
    },
  }
end

local function combos_of(entities)
  local combos = {}
  for name, keys in pairs(entities) do
    if type(keys) == "table" then
      combos[name] = {}
      for _, key in ipairs(keys) do combos[name][key] = { enabled = true } end
    else
      combos[name] = keys
    end
  end
  return combos
end

local function new_ctx(row)
  local ctx = { route = row.route, service = row.service }
  ctx.authenticated_consumer = row.consumer
  ctx.authenticated_consumer_groups = row.groups
  ctx.plugins = { ws = { plugins = { [0] = 0 }, combos = combos_of(row.entities or {}) } }
  if row.ctx then for key, value in pairs(row.ctx) do ctx[key] = value end end
  if row.without then
    local parent, last = ctx, row.without:match("([^.]+)$")
    for part in row.without:gmatch("([^.]+)%.") do parent = parent[part] end
    parent[last] = nil
  end
  return ctx
end

-- Kong compiles a function once per worker and calls what it returned for every request.
local compiled = {}
local function run(name, request, ctx)
  local entry = compiled[name]
  if not entry then
    entry = {}
    local file = assert(io.open(directory .. "/" .. name .. ".lua"))
    local chunk = assert(loadstring(file:read("*a"), name))
    file:close()
    entry.env = {}
    setfenv(chunk, entry.env)
    entry.chunk = chunk
    compiled[name] = entry
  end
  for key in pairs(entry.env) do entry.env[key] = nil end
  for key, value in pairs(sandbox(new_kong(request), { ctx = ctx })) do entry.env[key] = value end
  entry.fn = entry.fn or entry.chunk()
  local ok, err = pcall(entry.fn)
  if not ok and err ~= EXIT then request.exit = { status = 500, fault = tostring(err) } end
end

local function print_outcome(request)
  local exit = request.exit or {}
  local body, headers = exit.body or {}, exit.headers or {}
  local line = {
    exit.status or "pass", request.like_ours(), body.error or "", body.message or "", body.fix or "",
    headers["Retry-After"] or "", headers["Cache-Control"] or "", exit.fault or request.log,
  }
  for i, value in ipairs(line) do line[i] = tostring(value):gsub("[\t\n]", " ") end
  print(table.concat(line, "\t"))
end

for _, row in ipairs(dofile(rows_file)) do
  local request, ctx = new_request(row), new_ctx(row)
  if row.first ~= false then run(row.form .. "-access-first", request, ctx) end
  if not request.exit then
    for _, field in ipairs(row.plugin or {}) do request.clear(field[1]) end
    request.add(row.plugin)
    run((row.last or row.form) .. "-access-last", request, ctx)
  end
  print_outcome(request)
end
