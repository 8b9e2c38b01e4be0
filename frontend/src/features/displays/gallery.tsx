import ChevronLeftIcon from "@mui/icons-material/ChevronLeft";
import ChevronRightIcon from "@mui/icons-material/ChevronRight";
import CloseIcon from "@mui/icons-material/Close";
import DownloadIcon from "@mui/icons-material/Download";
import ZoomInIcon from "@mui/icons-material/ZoomIn";
import ZoomOutIcon from "@mui/icons-material/ZoomOut";
import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useState, type ReactNode } from "react";

import { saveFrom } from "../../api/download";
import type { Display } from "../../api/run-stream";
import { Figure } from "./figure";

const ZOOM_STEP = 1.5;
const MAX_ZOOM = 8;

interface GalleryProps {
  displays: readonly Display[];
  /** The number of the figure that is shown large; null is none. */
  shown: number | null;
  onShow: (number: number | null) => void;
  /** Called once none is on the screen any more. */
  onClosed?: () => void;
}

/** The run's figures, one at a time and large. */
export function Gallery({ displays, shown, onShow, onClosed }: GalleryProps): React.JSX.Element {
  const figures = displays.filter(({ kind }) => kind === "image");
  const place = figures.findIndex(({ number }) => number === shown);
  return (
    <Dialog
      open={place >= 0}
      onClose={() => onShow(null)}
      maxWidth="lg"
      fullWidth
      aria-label="Figures, one at a time"
      slotProps={{ transition: { onExited: onClosed } }}
    >
      {place >= 0 && <Viewer key={shown} figures={figures} place={place} onShow={onShow} />}
    </Dialog>
  );
}

interface ViewerProps {
  figures: readonly Display[];
  place: number;
  onShow: (number: number | null) => void;
}

function Viewer({ figures, place, onShow }: ViewerProps): React.JSX.Element {
  const [zoom, setZoom] = useState(1);
  const figure = figures[place] as Display;
  const title = `Figure ${figure.number}`;
  const go = (to: number): void => {
    const next = figures[to];
    if (next) onShow(next.number);
  };
  const zoomBy = (factor: number): void => {
    setZoom((before) => Math.min(MAX_ZOOM, Math.max(1, before * factor)));
  };
  const actions: Record<string, () => void> = {
    ArrowLeft: () => go(place - 1),
    ArrowRight: () => go(place + 1),
    Home: () => go(0),
    End: () => go(figures.length - 1),
    "+": () => zoomBy(ZOOM_STEP),
    "-": () => zoomBy(1 / ZOOM_STEP),
    "0": () => setZoom(1),
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };
  return (
    <Box onKeyDown={onKeyDown} sx={{ display: "flex", flexDirection: "column", minHeight: 0 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", px: 2, py: 0.5 }}>
        <Typography component="h2" variant="subtitle1" role="status" sx={{ flex: 1 }}>
          {title} ({place + 1} of {figures.length})
        </Typography>
        <Tool label="Previous figure (←)" isOff={place === 0} onPress={() => go(place - 1)}>
          <ChevronLeftIcon />
        </Tool>
        <Tool label="Next figure (→)" isOff={place === figures.length - 1} onPress={() => go(place + 1)}>
          <ChevronRightIcon />
        </Tool>
        <Tool label="Zoom out (−)" isOff={zoom === 1} onPress={() => zoomBy(1 / ZOOM_STEP)}>
          <ZoomOutIcon />
        </Tool>
        <Tool label="Zoom in (+)" isOff={zoom === MAX_ZOOM} onPress={() => zoomBy(ZOOM_STEP)}>
          <ZoomInIcon />
        </Tool>
        <Tool
          label={`Download ${title.toLowerCase()}`}
          onPress={() => saveFrom(figure.content, fileNameOf(figure))}
        >
          <DownloadIcon />
        </Tool>
        <Tool label="Close" onPress={() => onShow(null)}>
          <CloseIcon />
        </Tool>
      </Box>
      {/* Focused first, so that the arrow keys turn the pages at once. */}
      <Box
        ref={(element: HTMLElement | null) => element?.focus()}
        tabIndex={0}
        role="group"
        aria-label={title}
        sx={{ overflow: "auto", p: 2, pt: 0, "& img": { mx: "auto" } }}
      >
        <Figure display={figure} zoom={zoom === 1 ? undefined : zoom} />
      </Box>
    </Box>
  );
}

function fileNameOf({ number, mediaType }: Display): string {
  const [ending] = (mediaType.split("/")[1] ?? "png").split("+");
  return `figure-${number}.${ending ?? "png"}`;
}

interface ToolProps {
  label: string;
  isOff?: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Tool({ label, isOff = false, onPress, children }: ToolProps): React.JSX.Element {
  return (
    <Tooltip title={label}>
      <span>
        <IconButton aria-label={label} disabled={isOff} onClick={onPress}>
          {children}
        </IconButton>
      </span>
    </Tooltip>
  );
}
