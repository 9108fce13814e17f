-- One transition: what one node holds of somebody begins, goes on or ends.
--
-- KEYS[1]  a hash; each field is a list of `<state><node>:<lease end>;`
-- ARGV     node, state (a letter, or `-` for nothing), lease in ms, channel, moment in ms,
--          about (said with every change), the moment after which what was written is spared (or
--          nothing), then the fields
-- Says on the channel, for every field that changed:
--          `1 <version> <node> <moment> <about> <field> <state><node>,…`
-- Time is Redis's own, so that the clocks of nodes do not matter.
local node, state, lease, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local spared = tonumber(ARGV[7]) or math.huge
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local version = time[1] .. string.format('%06d', time[2])
for at = 8, #ARGV do
    local field = ARGV[at]
    local kept, shown, changed, mine = {}, {}, false, '-'
    local list = redis.call('HGET', KEYS[1], field) or ''
    for held, holder, ends in string.gmatch(list, '(%a)([%w-]+):(%d+);') do
        if tonumber(ends) <= now then
            changed = true
        elseif holder == node and tonumber(ends) - lease <= spared then
            mine = held
        else
            kept[#kept + 1] = held .. holder .. ':' .. ends .. ';'
            shown[#shown + 1] = held .. holder
        end
    end
    if state ~= '-' then
        kept[#kept + 1] = state .. node .. ':' .. string.format('%.0f', now + lease) .. ';'
        shown[#shown + 1] = state .. node
    end
    if #kept > 0 then
        redis.call('HSET', KEYS[1], field, table.concat(kept))
    else
        redis.call('HDEL', KEYS[1], field)
    end
    if changed or mine ~= state then
        local words = { '1', version, node, ARGV[5], ARGV[6], field, table.concat(shown, ',') }
        redis.call('SPUBLISH', channel, table.concat(words, ' '))
    end
end
if redis.call('PTTL', KEYS[1]) < lease then
    redis.call('PEXPIRE', KEYS[1], lease)
end
