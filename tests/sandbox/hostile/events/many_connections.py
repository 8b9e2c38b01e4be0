"""More connections than the supervisor takes, again and again.

ends: succeeded
says: [alive]
"""

from hostile import dial, say, why

for _ in range(20):
    peers = []
    try:
        for _ in range(150):
            peers.append(dial())
    except OSError as error:
        say(why(error), "after", len(peers))
    for peer in peers:
        peer.close()
say("alive")
