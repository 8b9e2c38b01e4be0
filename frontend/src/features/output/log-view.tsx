import ArrowDownwardIcon from "@mui/icons-material/ArrowDownward";
import Box from "@mui/material/Box";
import Fab from "@mui/material/Fab";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect } from "react";

import type { AnsiLog } from "../../lib/ansi-log";
import { plural } from "../../lib/format";
import { LogRow } from "./log-row";
import { logStyles } from "./log-styles";
import { useFollow } from "./use-follow";
import type { LogSearch } from "./use-log-search";

const ROW_HEIGHT = 20;
const OVERSCAN = 20;

interface LogViewProps {
  log: AnsiLog;
  /** Grows whenever the log has changed. */
  version: number;
  wrap: boolean;
  search: LogSearch;
}

/** The output, only its visible lines in the document. Follows the end until the reader scrolls up. */
export function LogView({ log, version, wrap, search }: LogViewProps): React.JSX.Element {
  const total = log.dropped + log.lines.length;
  const { viewport, isFollowing, missed, follow, pause, onScrollCapture } = useFollow(total);
  // eslint-disable-next-line react-hooks/incompatible-library -- its result is used here only, never memoised
  const rows = useVirtualizer({
    count: log.lines.length,
    getScrollElement: () => viewport.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });

  const found = search.current;
  useEffect(() => {
    if (found === null) return;
    pause();
    rows.scrollToIndex(found - log.dropped - 1, { align: "center" });
    // Only when the search goes somewhere: what comes meanwhile does not move the view.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [found]);

  return (
    <Box sx={{ position: "relative", flex: 1, minHeight: 0 }}>
      <Box
        ref={viewport}
        role="log"
        aria-live="off"
        aria-label="Program output"
        tabIndex={0}
        onScrollCapture={onScrollCapture}
        onKeyDown={(event) => event.key === "End" && follow()}
        className={wrap ? "log-wrap" : undefined}
        sx={logStyles}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative", minWidth: "100%" }}>
          {rows.getVirtualItems().map((row) => {
            const line = log.lines[row.index];
            const number = log.dropped + row.index + 1;
            return line ? (
              <div
                key={row.key}
                data-index={row.index}
                ref={wrap ? rows.measureElement : undefined}
                className={`log-row${search.matches.has(number) ? " log-match" : ""}${number === found ? " log-found" : ""}`}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <LogRow number={number} line={line} version={version} />
              </div>
            ) : null;
          })}
        </div>
      </Box>
      {!isFollowing && (
        <Fab
          variant="extended"
          size="small"
          color="primary"
          onClick={follow}
          sx={{ position: "absolute", bottom: 12, right: 20 }}
        >
          <ArrowDownwardIcon fontSize="small" sx={{ mr: 0.5 }} />
          Follow{missed > 0 ? `, ${plural(missed, "new line")}` : ""}
        </Fab>
      )}
    </Box>
  );
}
