-- The calls of the benchmark by wrk: each prompt differs by its number, as the other clients' do.
-- Prints the totals as one JSON object.

local number = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

request = function()
  number = number + 1
  local body = '{"model":"fixed-1","messages":[{"role":"user","content":"Question ' .. number
    .. ': a farmer has 3 rows of 14 trees. How many trees are there?"}],'
    .. '"temperature":0.0,"top_p":1.0,"max_tokens":256}'
  return wrk.format(nil, nil, nil, body)
end

done = function(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"calls":%d,"failed":%d,"seconds":%.6f}\n',
    summary.requests - failed, failed, summary.duration / 1e6))
end
