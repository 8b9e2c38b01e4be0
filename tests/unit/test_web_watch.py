"""A watch sends all of a run, in order, a window at a time, and its end last."""

import json

import gevent
import pytest

from server.domain.errors import NotFound, Unavailable
from server.domain.ports import Chunk, Stream
from server.stores.logs_file import FileLogStore
from server.web.events import EventHub
from server.web.watch import CHUNK, WINDOW, Watch
from tests.waiting import eventually


class Line:
    """A connection that notes what is emitted; acknowledges at once unless told not to."""

    def __init__(self):
        self.sent = []
        self.acknowledges = True
        self.acks = []
        self.room = True
        self.on_emit = lambda event, data: None

    def emit(self, event, data, on_ack=None):
        self.sent.append((event, data))
        self.on_emit(event, data)
        if on_ack is not None:
            self.acks.append(on_ack)
            if self.acknowledges:
                on_ack()

    def has_room(self, size):
        return self.room

    def all(self, event):
        return [data for name, data in self.sent if name == event]

    @property
    def output(self):
        return [(piece["offset"], piece["stream"], piece["data"]) for piece in self.all("run:output")]


class Stage:
    """One run, its store, and whoever watches it."""

    def __init__(self, folder):
        self.logs = FileLogStore(folder)
        self.hub = EventHub()
        self.line = Line()
        self.run = {"id": "r", "state": "running", "queue_position": None, "started_at": "t"}
        self.look = lambda: dict(self.run)
        self.greenlets = []

    def say(self, data, stream=Stream.STDOUT):
        self.logs.append("r", [Chunk(stream, data)])
        self.hub.publish("r")

    def show(self, body=b"png"):
        self.say(b'{"type": "display", "media_type": "image/png"}\n' + body, Stream.EVENT)

    def measure(self, value):
        self.say(json.dumps({"type": "metric", "name": "loss", "value": value}).encode() + b"\n", Stream.EVENT)

    def end(self, state="succeeded"):
        self.logs.seal("r")
        self.run = self.run | {"state": state}
        self.hub.publish("r")

    def watch(self, offset=0):
        watch = Watch("r", offset, self.run, self.look, self.logs, self.hub, self.line)
        self.greenlets.append(gevent.spawn(watch.run))
        return watch

    def join(self):
        for greenlet in self.greenlets:
            greenlet.get(timeout=20)


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    gevent.killall(stage.greenlets)


def test_replay_and_live_are_one_stream(stage):
    stage.say(b"before ")
    stage.watch()
    eventually(lambda: stage.line.output, "the replay")
    stage.say(b"after ")
    stage.say(b"oops", Stream.STDERR)
    stage.end()
    stage.join()
    assert b"".join(data for _, _, data in stage.line.output) == b"before after oops"
    assert stage.line.output[0] == (0, "stdout", b"before ")
    assert stage.line.output[-1] == (13, "stderr", b"oops")
    assert stage.line.sent[-1] == ("run:state", {"run": stage.run})
    assert len(stage.line.all("run:state")) == 1


def test_small_pieces_close_together_go_as_one(stage):
    stage.say(b"a")

    def trickle(event, data):
        if data.get("offset") == 0:
            gevent.spawn(lambda: [(stage.say(b"b"), gevent.sleep(0)) for _ in range(5)])

    stage.line.on_emit = trickle
    stage.watch()
    eventually(lambda: len(stage.line.output) == 2, "the second piece")
    assert stage.line.output == [(0, "stdout", b"a"), (1, "stdout", b"bbbbb")]


def shown(line):
    """What was sent of output and displays, in order: the bytes, and the displays' numbers."""
    sent = []
    for event, data in line.sent:
        if event == "run:display":
            sent.append((data["number"], data["offset"]))
        elif event == "run:output" and sent and isinstance(sent[-1], bytes):
            sent[-1] += data["data"]
        elif event == "run:output":
            sent.append(data["data"])
    return sent


@pytest.mark.parametrize("live", [False, True])
def test_a_display_comes_between_the_output_before_it_and_the_output_behind_it(stage, live):
    if live:
        stage.watch()
        gevent.sleep(0)
    stage.show()
    stage.say(b"one")
    stage.show()
    stage.show()
    for number in range(3000):  # more than a page of them
        stage.measure(number)
    stage.say(bytes(2 * CHUNK))
    stage.show(bytes(2 * CHUNK))
    stage.say(b"two", Stream.STDERR)
    stage.end()
    if not live:
        stage.watch()
    stage.join()
    far = 3 + 2 * CHUNK
    assert shown(stage.line) == [(1, 0), b"one", (2, 3), (3, 3), bytes(2 * CHUNK), (4, far), b"two"]
    assert [metric["value"] for metric in stage.line.all("run:metric")] == list(range(3000))


def test_metrics_do_not_cut_the_output_into_pieces(stage):
    for number in range(100):
        stage.measure(number)
        stage.say(b"a line\n")
    stage.end()
    stage.watch()
    stage.join()
    assert stage.line.output == [(0, "stdout", b"a line\n" * 100)]


def test_who_comes_back_is_sent_the_displays_again_by_the_same_numbers(stage):
    stage.say(b"one")
    stage.show()
    stage.say(b"two")
    stage.show()
    stage.end()
    stage.watch(offset=4)
    stage.join()
    assert shown(stage.line) == [(1, 3), b"wo", (2, 6)]


def test_no_piece_is_larger_than_a_chunk(stage):
    stage.say(bytes(5 * CHUNK + 1))
    stage.end()
    stage.watch()
    stage.join()
    assert [len(data) for _, _, data in stage.line.output] == [CHUNK] * 5 + [1]


def test_at_most_a_window_is_sent_without_acknowledgement(stage):
    stage.line.acknowledges = False
    stage.say(bytes(20 * CHUNK))
    watch = stage.watch()
    eventually(lambda: len(stage.line.output) == WINDOW, "a window")
    stage.say(b"more")
    stage.hub.publish("r")
    gevent.sleep(0)
    assert len(stage.line.output) == WINDOW
    stage.line.acks[0]()
    stage.line.acks[1]()
    eventually(lambda: len(stage.line.output) == WINDOW + 2, "two more")
    watch.stop()
    stage.join()
    assert len(stage.line.output) == WINDOW + 2


def test_a_full_line_is_waited_for(stage):
    stage.line.room = False
    stage.say(b"x")
    stage.watch()
    gevent.sleep(0)
    assert stage.line.sent == []
    stage.line.room = True
    eventually(lambda: stage.line.output, "room")


def test_a_watch_can_be_stopped_whatever_it_waits_for(stage):
    stage.say(bytes(20 * CHUNK))
    stage.line.acknowledges = False
    stalled = stage.watch()
    eventually(lambda: len(stage.line.output) == WINDOW, "a window")
    idle = stage.watch(offset=20 * CHUNK)
    stage.line.room = False
    full = stage.watch()
    gevent.sleep(0)
    for watch in (stalled, idle, full):
        watch.stop()
    stage.join()
    assert stage.line.all("run:state") == []


def test_a_change_of_state_is_told_once(stage):
    stage.run |= {"state": "queued", "queue_position": 2}
    stage.watch()
    for change in ({"queue_position": 1}, {"state": "starting", "queue_position": None}, {"state": "running"}):
        stage.run = stage.run | change
        stage.hub.publish("r")
        eventually(lambda: stage.line.all("run:state")[-1:] == [{"run": stage.run}], "the change")
        stage.hub.publish("r")
    assert len(stage.line.all("run:state")) == 3


def test_a_lost_hint_is_made_up_for(stage):
    stage.watch()
    gevent.sleep(0)
    stage.logs.append("r", [Chunk(Stream.STDOUT, b"unheard of")])
    stage.run = stage.run | {"state": "failed"}
    stage.join()
    assert stage.line.output == [(0, "stdout", b"unheard of")]
    assert stage.line.sent[-1][0] == "run:state"


def test_the_end_waits_for_output_that_is_stored_before_it(stage):
    def look():
        if not stage.line.output:
            stage.say(b"last words")  # stored between our reading the output and our reading the state
            stage.run = stage.run | {"state": "succeeded"}
        return stage.run

    stage.look = look
    stage.watch()
    stage.join()
    assert [event for event, _ in stage.line.sent] == ["run:output", "run:state"]


def test_a_run_that_is_gone_ends_its_watch_in_silence(stage):
    def look():
        raise NotFound

    stage.look = look
    stage.watch()
    stage.join()
    assert stage.line.sent == []


def test_a_database_that_is_away_for_a_while_is_waited_for(stage):
    looks = []

    def look():
        looks.append(1)
        if len(looks) < 3:
            raise Unavailable
        return stage.run | {"state": "succeeded"}

    stage.look = look
    stage.watch()
    stage.join()
    assert [event for event, _ in stage.line.sent] == ["run:state"]


def test_an_offset_beyond_the_end_gets_what_comes_after_it(stage):
    stage.say(b"0123")
    stage.watch(offset=6)
    gevent.sleep(0)
    stage.say(b"456789")
    eventually(lambda: stage.line.output == [(6, "stdout", b"6789")], "the rest")
