import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { lazy, Suspense, useCallback } from "react";
import { useDispatch, useSelector } from "react-redux";

import { fileEdited, type Draft } from "./draft-slice";
import { FileTabs } from "./file-tabs";

const MonacoEditor = lazy(() => import("./monaco-editor"));

interface EditorPaneProps {
  dark: boolean;
  reveal: { line: number } | null;
  onRun: () => void;
  onStop: () => void;
}

/** The draft's files: one tab each, and the editor for the one that is selected. */
export function EditorPane({ dark, reveal, onRun, onStop }: EditorPaneProps): React.JSX.Element {
  const draft = useSelector((state: { draft: Draft }) => state.draft);
  const dispatch = useDispatch();
  const edit = useCallback(
    (path: string, text: string) => void dispatch(fileEdited({ path, text })),
    [dispatch],
  );
  return (
    <Box
      component="section"
      aria-label="Editor"
      sx={{ display: "flex", flexDirection: "column", height: "100%", minWidth: 0 }}
    >
      <FileTabs draft={draft} />
      <Box role="tabpanel" aria-label={draft.active} sx={{ position: "relative", flex: 1, minHeight: 0 }}>
        <Suspense fallback={<EditorSkeleton />}>
          <MonacoEditor
            path={draft.active}
            value={draft.files[draft.active] ?? ""}
            dark={dark}
            reveal={reveal}
            onChange={edit}
            onRun={onRun}
            onStop={onStop}
          />
        </Suspense>
      </Box>
    </Box>
  );
}

function EditorSkeleton(): React.JSX.Element {
  return (
    <Box sx={{ p: 2 }} aria-busy="true">
      {[60, 45, 80, 30, 70, 55].map((width) => (
        <Skeleton key={width} variant="text" width={`${width}%`} />
      ))}
    </Box>
  );
}
