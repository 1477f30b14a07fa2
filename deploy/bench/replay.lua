-- Sends the prepared requests one after the other, and counts every answer that is not the wanted one.
-- Arguments: a file of requests, each "<bytes>\n<the request as it goes over the line>", and the wanted status.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  asks, at, wrong, found, shown = {}, 0, 0, 0, false
  wanted = tonumber(args[2])
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if length == nil then break end
    file:read(1)
    table.insert(asks, file:read(length))
  end
  file:close()
end

function request()
  if not shown then
    -- wrk looks at one request before it begins, and does not send it.
    shown = true
    return asks[1]
  end
  at = at % #asks + 1
  return asks[at]
end

function response(status, headers)
  local to = headers["Location"]
  if status ~= wanted or (to and to:find("/sign-in", 1, true)) then
    wrong, found = wrong + 1, status
  end
end

function done(summary, latency)
  local wrong, found = 0, 0
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    found = math.max(found, thread:get("found"))
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "wrong": %d, "found": %d, "broken": %d, "p50": %.3f, "p95": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, wrong, found,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
