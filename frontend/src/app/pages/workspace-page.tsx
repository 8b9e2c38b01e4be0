import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Snackbar from "@mui/material/Snackbar";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useState } from "react";
import { useSearchParams } from "react-router-dom";

import { useMeQuery } from "../../api/base-api";
import { useSignedInUser } from "../../api/services";
import type { Template } from "../../api/types";
import { DatasetPicker } from "../../features/datasets/dataset-picker";
import { draftOpened, fileSelected, type Draft } from "../../features/editor/draft-slice";
import { EditorPane } from "../../features/editor/editor-pane";
import { HistoryPanel } from "../../features/history/history-panel";
import { LimitsDialog } from "../../features/runs/limits-dialog";
import { limitsChosen, storeLimits } from "../../features/runs/limits-slice";
import { RunControl } from "../../features/runs/run-control";
import { RunStatus } from "../../features/runs/run-status";
import { TemplateGallery } from "../../features/templates/template-gallery";
import { reached } from "../../lib/milestones";
import { ResultsPanel } from "../results-panel";
import { RunOutput } from "../run-output";
import { StatusBar } from "../status-bar";
import { useAppDispatch, useAppSelector } from "../store";
import { useDark } from "../use-dark";
import { useDraftStorage } from "../use-draft";
import { useMounts } from "../use-mounts";
import { useRunActions } from "../use-run-actions";
import { useShortcuts } from "../use-shortcuts";
import { useWatchedRun } from "../use-watched-run";
import { WorkspaceBar } from "../workspace-bar";
import { NarrowLayout, WideLayout, type Pane } from "../workspace-layout";

/** The workspace: a draft to edit, the run on the screen, and what it yields. */
export default function WorkspacePage(): React.JSX.Element {
  const user = useSignedInUser();
  const { saved, save } = useDraftStorage(user.id);
  const [search, setSearch] = useSearchParams();
  const runId = search.get("run") ?? undefined;
  const stream = useWatchedRun(runId);
  const actions = useRunActions(stream);
  const [pane, setPane] = useState<Pane>("code");
  const [dialog, setDialog] = useState<"templates" | "limits" | null>(null);
  const [reveal, setReveal] = useState<{ line: number } | null>(null);
  const [replaced, setReplaced] = useState<Draft | null>(null);
  const draft = useAppSelector((state) => state.draft);
  const limits = useAppSelector((state) => state.limits);
  const dispatch = useAppDispatch();
  const dark = useDark();
  const isWide = useMediaQuery("(min-width: 1000px)", { noSsr: true });
  const { data: me } = useMeQuery();
  const [mounts, chooseMounts] = useMounts(user.id);

  const start = (): void => {
    actions.start();
    if (!isWide) setPane("output");
  };
  const openTemplate = ({ title, files, entrypoint }: Template): void => {
    setReplaced(draft);
    dispatch(draftOpened({ title, files, entrypoint, active: entrypoint }));
    reached("template");
    setDialog(null);
    setPane("code");
  };
  const goTo = ({ path, line }: { path: string; line: number }): void => {
    dispatch(fileSelected(path));
    setReveal({ line });
    setPane("code");
  };
  const openRun = (id: string): void => {
    setSearch({ run: id });
    if (!isWide) setPane("output");
  };
  useShortcuts({ "ctrl+enter": start, "ctrl+.": actions.stop, "ctrl+s": save });

  const Layout = isWide ? WideLayout : NarrowLayout;
  return (
    <Box sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
      <WorkspaceBar
        title={draft.title}
        limits={limits}
        data={<DatasetPicker chosen={mounts} onChange={chooseMounts} />}
        runControl={<RunControl control={actions.control} onRun={start} onStop={actions.stop} />}
        onTemplates={() => setDialog("templates")}
        onLimits={() => setDialog("limits")}
      />
      {actions.failure && (
        <Alert severity="error" onClose={actions.dismissFailure} sx={{ borderRadius: 0, py: 0 }}>
          {actions.failure}
        </Alert>
      )}
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Layout
          pane={pane}
          onPane={setPane}
          panes={{
            code: <EditorPane dark={dark} reveal={reveal} onRun={start} onStop={actions.stop} />,
            output: (
              <RunOutput
                stream={stream}
                onGoTo={goTo}
                onLimits={() => setDialog("limits")}
                onFailure={actions.report}
              />
            ),
            results: <ResultsPanel stream={stream} dark={dark} />,
            runs: (
              <HistoryPanel
                selected={runId ?? null}
                statusOf={(item) => <RunStatus run={item} />}
                onOpen={openRun}
              />
            ),
          }}
        />
      </Box>
      <StatusBar stream={stream} saved={saved} />
      {dialog === "templates" && <TemplateGallery onPicked={openTemplate} onClose={() => setDialog(null)} />}
      {dialog === "limits" && (
        <LimitsDialog
          limits={limits}
          quota={me?.quota}
          onChosen={(chosen) => {
            dispatch(limitsChosen(chosen));
            storeLimits(chosen);
            setDialog(null);
          }}
          onClose={() => setDialog(null)}
        />
      )}
      <Snackbar
        open={replaced !== null}
        autoHideDuration={10_000}
        onClose={(_event, reason) => reason === "timeout" && setReplaced(null)}
        anchorOrigin={{ vertical: "top", horizontal: "center" }}
        message={`Opened ${draft.title}`}
        action={
          <Button
            size="small"
            color="inherit"
            onClick={() => {
              if (replaced) dispatch(draftOpened(replaced));
              setReplaced(null);
            }}
          >
            Undo
          </Button>
        }
      />
    </Box>
  );
}
