import DownloadIcon from "@mui/icons-material/Download";
import SearchIcon from "@mui/icons-material/Search";
import WrapTextIcon from "@mui/icons-material/WrapText";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import ToggleButton from "@mui/material/ToggleButton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useState, type ReactNode } from "react";

import type { RunStream } from "../../api/run-stream";
import { useRunStream, useServices } from "../../api/services";
import { formatBytes } from "../../lib/format";
import { readStored, writeStored } from "../../lib/storage";
import { InputLine } from "./input-line";
import { LogView } from "./log-view";
import { SearchBox } from "./search-box";
import { useLogSearch } from "./use-log-search";

const WRAP_KEY = "byteme.wrap";

interface OutputPaneProps {
  stream: RunStream;
  /** Shown between the header and the lines: why the run ended, for example. */
  notice: ReactNode;
  status: ReactNode;
  onDownload: () => void;
}

/** A run's output from its first byte, live; below it the program's input while it runs. */
export function OutputPane({ stream, notice, status, onDownload }: OutputPaneProps): React.JSX.Element {
  const version = useRunStream(stream);
  const { connection } = useServices();
  const [wrap, setWrap] = useState(() => readStored(WRAP_KEY) === "on");
  const [isSearching, setSearching] = useState(false);
  const search = useLogSearch(stream.log, version);
  const endSearch = (): void => {
    setSearching(false);
    search.setText("");
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    setSearching(true);
  };
  const send = async (line: string | null): Promise<void> => {
    await connection.input(stream.runId, line);
    if (line !== null) stream.echo(line);
  };
  const toggleWrap = (): void => {
    writeStored(WRAP_KEY, wrap ? "off" : "on");
    setWrap(!wrap);
  };

  return (
    <Box
      component="section"
      aria-label="Output"
      onKeyDown={onKeyDown}
      sx={{ display: "flex", flexDirection: "column", height: "100%", minWidth: 0 }}
    >
      <OutputHeader>
        {status}
        <Typography variant="caption" color="textSecondary" noWrap>
          {formatBytes(stream.offset)}
        </Typography>
        <Box sx={{ flex: 1 }} />
        <Tooltip title="Find in the output (Ctrl+F)">
          <IconButton size="small" aria-label="Find in the output" onClick={() => setSearching(true)}>
            <SearchIcon fontSize="small" />
          </IconButton>
        </Tooltip>
        <Tooltip title="Wrap long lines">
          <ToggleButton
            value="wrap"
            size="small"
            selected={wrap}
            onChange={toggleWrap}
            aria-label="Wrap long lines"
            sx={{ border: 0, p: 0.5 }}
          >
            <WrapTextIcon fontSize="small" />
          </ToggleButton>
        </Tooltip>
        <Tooltip title="Download the raw output">
          <span>
            <IconButton
              size="small"
              aria-label="Download the raw output"
              disabled={stream.offset === 0}
              onClick={onDownload}
            >
              <DownloadIcon fontSize="small" />
            </IconButton>
          </span>
        </Tooltip>
      </OutputHeader>
      {isSearching && <SearchBox search={search} onClose={endSearch} />}
      {notice}
      <LogView key={stream.runId} log={stream.log} version={version} wrap={wrap} search={search} />
      {stream.run?.state === "running" && <InputLine onSend={send} />}
    </Box>
  );
}

export function OutputHeader({ children }: { children: ReactNode }): React.JSX.Element {
  return (
    <Box
      sx={{
        display: "flex",
        alignItems: "center",
        gap: 1,
        px: 1.5,
        minHeight: 40,
        borderBottom: 1,
        borderColor: "divider",
      }}
    >
      <Typography component="h2" variant="subtitle2">
        Output
      </Typography>
      {children}
    </Box>
  );
}
