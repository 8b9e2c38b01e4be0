"""A run's way as an OpenTelemetry trace, received by a collector; and that nothing depends on there being one."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from server.settings import BadSetting, load
from tests.server_process import ROOT, ServerProcess, finished, output, run_program, submit
from tests.waiting import eventually

LEAVE = "open('outputs/x', 'w').write('x'); print('said', flush=True)"
STEPS = {"submit", "queue", "claim", "resolve", "open", "put", "start", "program", "exit", "collect", "finish"}


class Collector:
    """An OTLP/HTTP collector: remembers the spans that it is sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.take(self.path, ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever).start()

    def take(self, path: str, request: ExportTraceServiceRequest) -> None:
        assert path == "/v1/traces"
        for resource in request.resource_spans:
            self.services |= {a.value.string_value for a in resource.resource.attributes if a.key == "service.name"}
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def of(self, run_id: str) -> dict[str, Span]:
        return {span.name: span for span in self.spans if attributes(span)["run_id"] == run_id}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def attributes(span: Span) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def test_a_run_is_one_trace_from_its_submission_to_its_artifacts(collector: Collector, tmp_path: Path) -> None:
    with ServerProcess(tmp_path, BYTEME_OTLP_ENDPOINT=collector.url) as server:
        run_id = run_program(server.admin(), LEAVE)["id"]
        eventually(lambda: "run" in collector.of(run_id), "the trace")
        spans = collector.of(run_id)
    assert spans.keys() >= STEPS
    assert collector.services == {"byteme"}
    root = spans.pop("run")
    assert len({span.trace_id for span in [root, *spans.values()]}) == 1
    assert {span.parent_span_id for span in spans.values()} == {root.span_id}
    assert attributes(root)["state"] == "succeeded"
    assert root.start_time_unix_nano <= min(span.start_time_unix_nano for span in spans.values())
    assert root.end_time_unix_nano == max(span.end_time_unix_nano for span in spans.values())
    order = sorted(("submit", "open", "program", "collect"), key=lambda name: spans[name].start_time_unix_nano)
    assert order == ["submit", "open", "program", "collect"]


def test_a_trace_goes_on_over_a_restart_and_tells_a_failure(collector: Collector, tmp_path: Path) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(3)\nraise SystemExit(3)"
    with ServerProcess(tmp_path, BYTEME_OTLP_ENDPOINT=collector.url) as server:
        tenant = server.admin()
        run_id = submit(tenant, code)
        eventually(lambda: output(tenant, run_id), "the program's start")
        server.kill()
        server.start()
        finished(tenant, run_id)
        eventually(lambda: "run" in collector.of(run_id), "the trace")
    spans = collector.of(run_id)
    assert spans.keys() >= {"submit", "open", "recover", "collect"}
    assert len({span.trace_id for span in spans.values()}) == 1
    assert spans["run"].status.message == "exit_code"


def test_runs_end_as_ever_and_the_server_stops_while_the_collector_is_away(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, BYTEME_OTLP_ENDPOINT="http://127.0.0.1:1") as server:
        tenant = server.admin()
        for _ in range(3):
            assert run_program(tenant, LEAVE)["state"] == "succeeded"
        assert server.process is not None
        server.process.terminate()
        assert server.process.wait(30) == 0


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from server.settings import Settings; from server.wiring import build; import tempfile, pathlib; "
        "build(Settings(data_dir=pathlib.Path(tempfile.mkdtemp()), warm_pool_size=0)); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BYTEME_")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_endpoint_that_is_no_url_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="BYTEME_OTLP_ENDPOINT must be"):
        load({"BYTEME_OTLP_ENDPOINT": "collector:4318"}, dotenv=None)
