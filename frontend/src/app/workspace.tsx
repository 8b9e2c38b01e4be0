import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useNavigate, useSearchParams } from "react-router-dom";

import type { RaisedLimit } from "../api/next-limit";
import type { Place } from "../components/use-reveal";
import { closeUndoToasts } from "../components/use-undo-toast";
import { DatasetPicker } from "../features/datasets/dataset-picker";
import { EditorPane } from "../features/editor/editor-pane";
import { HistoryPanel } from "../features/history/history-panel";
import { ProblemsList } from "../features/problems/problems-list";
import { linesReplaced } from "../features/problems/problems-slice";
import { FilesPanel, type Question } from "../features/projects/files-panel";
import type { ProjectSaver, SaveState } from "../features/projects/project-saver";
import {
  dirtyPaths,
  fileEdited,
  fileSelected,
  tabClosed,
  type OpenProject,
} from "../features/projects/project-slice";
import { ProjectSwitcher, type ProjectCommand } from "../features/projects/project-switcher";
import { limitsChosen, storeLimits } from "../features/runs/limits-slice";
import { RunControl } from "../features/runs/run-control";
import { optionsText } from "../features/runs/run-options-slice";
import { RunStatus } from "../features/runs/run-status";
import { focusNextPane } from "./focus-next-pane";
import { OutputTabs, type OutputView } from "./output-tabs";
import { ResultsPanel } from "./results-panel";
import { RunOutput } from "./run-output";
import { SaveAlert } from "./save-alert";
import { StatusBar } from "./status-bar";
import { useAppDispatch, useAppSelector, useAppStore } from "./store";
import { useDark } from "./use-dark";
import { useMounts } from "./use-mounts";
import { useProjectCommands } from "./use-project-commands";
import { useRunActions } from "./use-run-actions";
import { useRunProblems } from "./use-run-problems";
import { useShortcuts } from "./use-shortcuts";
import { useWatchedRun } from "./use-watched-run";
import { WorkspaceBar } from "./workspace-bar";
import { WorkspaceDialogs, type WorkspaceDialog } from "./workspace-dialogs";
import { shortcutsOf, type WorkspaceActions } from "./workspace-keys";
import { NarrowLayout, WideLayout, type Pane } from "./workspace-layout";

interface WorkspaceProps {
  project: OpenProject;
  saver: ProjectSaver;
  saved: SaveState;
}

/** One project: its files, the editor, the run on the screen, and what it yields. */
export function Workspace({ project, saver, saved }: WorkspaceProps): React.JSX.Element {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const runId = search.get("run") ?? undefined;
  const stream = useWatchedRun(runId);
  const save = useCallback(() => void saver.save(), [saver]);
  const actions = useRunActions(stream, save, saved.status === "gone");
  const problems = useRunProblems(stream);
  const commands = useProjectCommands(project);
  const store = useAppStore();
  const dispatch = useAppDispatch();
  const limits = useAppSelector((state) => state.limits);
  const runOptions = useAppSelector((state) => state.runOptions);
  const [mounts, chooseMounts] = useMounts(project.id);
  const dark = useDark();
  const isWide = useMediaQuery("(min-width: 1000px)", { noSsr: true });
  const [pane, setPane] = useState<Pane>("code");
  const [hidden, setHidden] = useState<ReadonlySet<Pane>>(new Set());
  const [view, setView] = useState<OutputView>("log");
  const [dialog, setDialog] = useState<WorkspaceDialog | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [isSwitching, setSwitching] = useState(false);
  const [reveal, setReveal] = useState<Place | null>(null);
  const [cursor, setCursor] = useState<{ line: number; column: number } | null>(null);
  useEffect(() => () => closeUndoToasts(project.id), [project.id]);
  const dirty = useMemo(() => new Set(dirtyPaths(project)), [project]);

  const showOutput = (shown: OutputView): void => {
    setView(shown);
    if (!isWide) setPane("output");
    else setHidden(without(hidden, "output"));
  };
  const start = (): void => {
    actions.start();
    showOutput("log");
  };
  const runWith = (raised: RaisedLimit): void => {
    const chosen = { ...limits, ...raised };
    dispatch(limitsChosen(chosen));
    storeLimits(chosen);
    start();
  };
  const goTo = (place: Place): void => {
    if (!(place.path in project.files)) {
      actions.report(`${place.path} is not in the project any more.`);
      return;
    }
    dispatch(fileSelected(place.path));
    setReveal(place);
    setPane("code");
  };
  const toggle = (name: Pane): void => {
    if (!isWide) setPane(pane === name ? "code" : name);
    else setHidden(hidden.has(name) ? without(hidden, name) : new Set([...hidden, name]));
  };
  const ask = (asked: Question): void => {
    // The panel that asks is there.
    setHidden(without(hidden, "files"));
    setQuestion(asked);
  };
  const does: WorkspaceActions = {
    run: start,
    runOptions: () => setDialog("options"),
    stop: actions.stop,
    save,
    quickOpen: () => setDialog("files"),
    palette: () => setDialog("palette"),
    tree: () => toggle("files"),
    output: () => toggle("output"),
    nextPane: focusNextPane,
    shortcuts: () => setDialog("shortcuts"),
    newFile: () => ask({ kind: "file", folder: "" }),
    newFolder: () => ask({ kind: "folder", folder: "" }),
    problems: () => showOutput("problems"),
    limits: () => setDialog("limits"),
    templates: () => setDialog("templates"),
    newProject: () => void commands.create(),
    switchProject: () => setSwitching(true),
    renameProject: () => setDialog("rename"),
    duplicateProject: () => void commands.duplicate(),
  };
  const onProject = (command: ProjectCommand): void => {
    setSwitching(false);
    const byCommand: Record<ProjectCommand, () => void> = {
      new: does.newProject,
      template: does.templates,
      rename: does.renameProject,
      duplicate: does.duplicateProject,
      delete: () => void commands.remove(),
    };
    byCommand[command]();
  };
  useShortcuts(shortcutsOf(does));

  const Layout = isWide ? WideLayout : NarrowLayout;
  return (
    <Box sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
      <WorkspaceBar
        switcher={
          <ProjectSwitcher
            id={project.id}
            name={project.name}
            isOpen={isSwitching}
            onOpen={setSwitching}
            onChosen={(id) => {
              setSwitching(false);
              void navigate(`/w/${id}`);
            }}
            onCommand={onProject}
          />
        }
        limits={limits}
        data={<DatasetPicker chosen={mounts} onChange={chooseMounts} />}
        options={optionsText(runOptions)}
        runControl={
          <RunControl
            control={actions.control}
            run={stream?.run ?? null}
            onRun={start}
            onRunOptions={does.runOptions}
            onStop={actions.stop}
          />
        }
        onTemplates={does.templates}
        onLimits={does.limits}
        onOptions={does.runOptions}
      />
      {actions.failure && (
        <Alert severity="error" onClose={actions.dismissFailure} sx={{ borderRadius: 0, py: 0 }}>
          {actions.failure}
        </Alert>
      )}
      <SaveAlert saved={saved} onKeep={() => void commands.create(project)} />
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Layout
          pane={pane}
          onPane={setPane}
          hidden={hidden}
          panes={{
            files: (
              <FilesPanel
                project={project}
                question={question}
                onQuestion={setQuestion}
                onOpened={() => setPane("code")}
              />
            ),
            code: (
              <EditorPane
                files={project.files}
                entrypoint={project.entrypoint}
                tabs={project.tabs}
                active={project.active}
                dirty={dirty}
                dark={dark}
                markers={problems}
                reveal={reveal}
                onRevealed={() => setReveal(null)}
                keys={does}
                filesNow={() => store.getState().project?.files ?? {}}
                onSelected={(path) => dispatch(fileSelected(path))}
                onClosed={(path) => dispatch(tabClosed(path))}
                onChange={(path, text) => dispatch(fileEdited({ path, text }))}
                onLines={(edit) => dispatch(linesReplaced(edit))}
                onCursor={setCursor}
                onBlur={save}
              />
            ),
            output: (
              <OutputTabs
                view={view}
                onView={setView}
                problems={problems.length}
                log={
                  <RunOutput
                    stream={stream}
                    onGoTo={goTo}
                    onLimits={does.limits}
                    onRunAgain={stream?.run?.project === project.id ? runWith : undefined}
                    canRun={actions.control.action === "run"}
                    onFailure={actions.report}
                  />
                }
                list={<ProblemsList problems={problems} onGoTo={goTo} />}
              />
            ),
            results: <ResultsPanel stream={stream} dark={dark} />,
            runs: (
              <HistoryPanel
                selected={runId ?? null}
                statusOf={(item) => <RunStatus run={item} />}
                onOpen={(id) => {
                  setSearch({ run: id });
                  showOutput("log");
                }}
              />
            ),
          }}
        />
      </Box>
      <StatusBar stream={stream} saved={saved} cursor={cursor} />
      <WorkspaceDialogs
        project={project}
        saver={saver}
        saved={saved}
        dialog={dialog}
        onDialog={setDialog}
        actions={does}
        commands={commands}
        canRun={actions.control.action === "run"}
        dark={dark}
      />
    </Box>
  );
}

function without(panes: ReadonlySet<Pane>, pane: Pane): ReadonlySet<Pane> {
  return new Set([...panes].filter((other) => other !== pane));
}
