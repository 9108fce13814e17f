-- A node says that it lives.
--
-- KEYS[1]  a sorted set of nodes by the end of their lease
-- ARGV     node, lease in ms
-- Answers whether it was known (1 or 0), the nodes whose lease lasts, and those whose lease has run out,
-- each followed by when it did.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
local moment = string.format('%.0f', now)
return {
    known,
    redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. moment, '+inf'),
    redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', moment, 'WITHSCORES'),
}
