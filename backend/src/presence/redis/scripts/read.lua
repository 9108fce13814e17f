-- What is held of some fields, or of all, as of now.
--
-- KEYS[1]  as in hold.lua
-- ARGV     the fields; all when there are none
-- Answers the version, then each field with something, and its list `<state><node>,…`.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = { time[1] .. string.format('%06d', time[2]) }
local pairs_of = {}
if #ARGV > 0 then
    for _, field in ipairs(ARGV) do
        pairs_of[#pairs_of + 1] = field
        pairs_of[#pairs_of + 1] = redis.call('HGET', KEYS[1], field) or ''
    end
else
    pairs_of = redis.call('HGETALL', KEYS[1])
end
for at = 1, #pairs_of, 2 do
    local shown = {}
    for held, holder, ends in string.gmatch(pairs_of[at + 1], '(%a)([%w-]+):(%d+);') do
        if tonumber(ends) > now then
            shown[#shown + 1] = held .. holder
        end
    end
    if #shown > 0 then
        answer[#answer + 1] = pairs_of[at]
        answer[#answer + 1] = table.concat(shown, ',')
    end
end
return answer
