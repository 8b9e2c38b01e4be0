import ContentCopyIcon from "@mui/icons-material/ContentCopy";
import DownloadIcon from "@mui/icons-material/Download";
import LinkIcon from "@mui/icons-material/Link";
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
import type { Mark } from "../../lib/log-marks";
import { readStored, writeStored } from "../../lib/storage";
import { InputLine } from "./input-line";
import { LineBox } from "./line-box";
import { LogView } from "./log-view";
import { ProgressBars } from "./progress-bars";
import { SearchBox } from "./search-box";
import { useLinkedLine } from "./use-linked-line";
import { useLogSearch } from "./use-log-search";

const WRAP_KEY = "byteme.wrap";
/** More than this is for the download. */
const MAX_COPY_LINES = 50_000;

interface OutputPaneProps {
  stream: RunStream;
  /** Shown between the header and the lines: why the run ended, for example. */
  notice: ReactNode;
  status: ReactNode;
  /** What the program showed at a mark of its log: figures, for example. */
  renderMark?: (mark: Mark) => ReactNode;
  onDownload: () => void;
}

/** A run's output from its first byte, live; below it the program's input while it runs. */
export function OutputPane({
  stream,
  notice,
  status,
  renderMark,
  onDownload,
}: OutputPaneProps): React.JSX.Element {
  const version = useRunStream(stream);
  const { connection } = useServices();
  const [wrap, setWrap] = useState(() => readStored(WRAP_KEY) === "on");
  const [isSearching, setSearching] = useState(false);
  const search = useLogSearch(stream.log);
  const [linked, link] = useLinkedLine();
  const [isLinking, setLinking] = useState(false);
  const { log } = stream;
  const endSearch = (): void => {
    setSearching(false);
    search.setQuery({ text: "" });
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
  const copy = (): void => {
    navigator.clipboard.writeText(log.lastTexts(MAX_COPY_LINES).join("\n")).catch(onDownload);
  };
  const endLink = (): void => {
    setLinking(false);
    link(null);
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
        <Tooltip title="Go to a line, or link to it">
          <IconButton size="small" aria-label="Link to a line" onClick={() => setLinking(true)}>
            <LinkIcon fontSize="small" />
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
        <Tooltip title={log.count > MAX_COPY_LINES ? "Copy the last 50,000 lines" : "Copy the output"}>
          <span>
            <IconButton size="small" aria-label="Copy the output" disabled={log.count === 0} onClick={copy}>
              <ContentCopyIcon fontSize="small" />
            </IconButton>
          </span>
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
      {(isLinking || linked !== null) && (
        <LineBox linked={linked} count={log.count} onLink={link} onClose={endLink} />
      )}
      <ProgressBars bars={stream.progress()} />
      {notice}
      {log.dropped > 0 && (
        <Typography variant="caption" color="textSecondary" sx={{ px: 1.5 }}>
          The first {log.dropped.toLocaleString("en")} lines are not kept in this page. They are in the
          download.
        </Typography>
      )}
      <LogView
        key={stream.runId}
        log={log}
        version={version}
        wrap={wrap}
        search={search}
        linked={linked}
        onLink={link}
        renderMark={renderMark}
      />
      {stream.run?.state === "running" && <InputLine key={`input of ${stream.runId}`} onSend={send} />}
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
