-- One token a request, from the file that TOKENS names.
local tokens = {}
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end
local at = 0

function request()
  at = at + 1
  return wrk.format("GET", "/", { ["Authorization"] = "OathMesh " .. (tokens[at] or "none") })
end

function done(summary, latency)
  io.write(string.format("figures %d %d %d %d\n", summary.requests, summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
