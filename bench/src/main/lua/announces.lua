-- Announces of random peers to random torrents, for wrk: one connection for each. The first argument is the number of torrents.
local torrents

function init(args)
    torrents = tonumber(args[1])
    math.randomseed(tonumber(args[2]))
    wrk.headers["Connection"] = "close"
end

function request()
    local torrent = math.random(0, torrents - 1)
    local hash = string.format("%%%02x%%%02x", math.floor(torrent / 256), torrent % 256) .. string.rep("%aa", 18)
    local left = math.random(4) == 1 and 50 or 0
    return wrk.format("GET", "/announce?info_hash=" .. hash .. "&peer_id=-TS0001-abcdefghijkl&port=" .. math.random(1, 65535)
        .. "&uploaded=0&downloaded=0&left=" .. left .. "&event=started&compact=1")
end
