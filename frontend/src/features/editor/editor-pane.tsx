import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import { lazy, Suspense } from "react";

import { EmptyState } from "../../components/page";
import type { Files } from "../../lib/file-tree";
import type { CodeEditorProps } from "./editor-props";
import { FileTabs } from "./file-tabs";

const MonacoEditor = lazy(() => import("./monaco-editor"));

interface EditorPaneProps extends Omit<CodeEditorProps, "path" | "value"> {
  files: Files;
  entrypoint: string;
  tabs: readonly string[];
  active: string | null;
  dirty: ReadonlySet<string>;
  onSelected: (path: string) => void;
  onClosed: (path: string) => void;
}

/** The open files: a tab for each, and the editor for the one that is selected. */
export function EditorPane({
  files,
  entrypoint,
  tabs,
  active,
  dirty,
  onSelected,
  onClosed,
  ...editor
}: EditorPaneProps): React.JSX.Element {
  return (
    <Box
      component="section"
      aria-label="Editor"
      sx={{ display: "flex", flexDirection: "column", height: "100%", minWidth: 0 }}
    >
      {tabs.length > 0 && (
        <FileTabs
          tabs={tabs}
          active={active}
          entrypoint={entrypoint}
          dirty={dirty}
          onSelected={onSelected}
          onClosed={onClosed}
        />
      )}
      {active === null ? (
        <EmptyState
          title="No file is open"
          text="Choose one in Files, or press Ctrl+P and type its name."
          action={
            <Button variant="outlined" onClick={() => onSelected(entrypoint)}>
              Open {entrypoint}
            </Button>
          }
        />
      ) : (
        <Box role="tabpanel" aria-label={active} sx={{ position: "relative", flex: 1, minHeight: 0 }}>
          <Suspense fallback={<EditorSkeleton />}>
            <MonacoEditor {...editor} path={active} value={files[active] ?? ""} />
          </Suspense>
        </Box>
      )}
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
