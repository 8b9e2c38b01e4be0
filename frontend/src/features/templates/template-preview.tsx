import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useState } from "react";

import type { Template } from "../../api/types";

interface TemplatePreviewProps {
  template: Template;
  onUse: () => void;
  onClose: () => void;
}

/** The template's code, to be read. */
export function TemplatePreview({ template, onUse, onClose }: TemplatePreviewProps): React.JSX.Element {
  const isNarrow = useMediaQuery("(max-width: 600px)");
  const paths = Object.keys(template.files);
  const [path, setPath] = useState(template.entrypoint);
  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      fullScreen={isNarrow}
      maxWidth="md"
      aria-labelledby="preview-title"
    >
      <DialogTitle id="preview-title">{template.title}</DialogTitle>
      {paths.length > 1 && (
        <Tabs
          value={path}
          onChange={(_event, chosen: string) => setPath(chosen)}
          variant="scrollable"
          aria-label="Files of the template"
          sx={{ px: 2 }}
        >
          {paths.map((name) => (
            <Tab key={name} value={name} label={name} />
          ))}
        </Tabs>
      )}
      <DialogContent dividers sx={{ p: 0 }}>
        <Code text={template.files[path] ?? ""} label={path} />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button variant="contained" onClick={onUse}>
          Use template
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Lines with their numbers, which are not part of what is selected and copied. */
function Code({ text, label }: { text: string; label: string }): React.JSX.Element {
  return (
    <Box
      component="pre"
      tabIndex={0}
      role="region"
      aria-label={`Code of ${label}`}
      sx={{
        m: 0,
        p: 2,
        height: "60vh",
        overflow: "auto",
        fontSize: 13,
        lineHeight: 1.5,
        fontFamily: "ui-monospace, 'DejaVu Sans Mono', Consolas, monospace",
        counterReset: "line",
        outlineOffset: -2,
        "& code": { display: "block", minHeight: "1.5em" },
        "& code::before": {
          counterIncrement: "line",
          content: "counter(line)",
          display: "inline-block",
          width: "3em",
          mr: 2,
          textAlign: "right",
          color: "text.secondary",
        },
      }}
    >
      {text
        .replace(/\n$/, "")
        .split("\n")
        .map((line, index) => (
          // Lines have nothing else to tell them apart, and never change.
          <code key={index}>{line}</code>
        ))}
    </Box>
  );
}
