import KeyboardReturnIcon from "@mui/icons-material/KeyboardReturn";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import InputBase from "@mui/material/InputBase";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";

interface InputLineProps {
  /** Sends one line, or null for the end of input; rejects when it could not be sent. */
  onSend: (line: string | null) => Promise<void>;
}

/** The program's standard input, a line at a time. A line that could not be sent stays where it is. */
export function InputLine({ onSend }: InputLineProps): React.JSX.Element {
  const [line, setLine] = useState("");
  const [isClosed, setClosed] = useState(false);
  const [failed, setFailed] = useState(false);

  const send = async (what: string | null): Promise<void> => {
    try {
      await onSend(what);
      setFailed(false);
      if (what === null) setClosed(true);
      else setLine("");
    } catch {
      setFailed(true);
    }
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key !== "d" || !event.ctrlKey || line !== "") return;
    event.preventDefault();
    void send(null);
  };

  return (
    <Box
      component="form"
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        void send(`${line}\n`);
      }}
      sx={{ display: "flex", alignItems: "center", borderTop: 1, borderColor: "divider", px: 1.5, gap: 1 }}
    >
      <InputBase
        fullWidth
        value={line}
        disabled={isClosed}
        onChange={(event) => setLine(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder={isClosed ? "Input has ended" : "Type a line for the program"}
        error={failed}
        sx={{ fontFamily: "monospace", fontSize: 13, py: 0.5 }}
        slotProps={{
          input: {
            "aria-label": "Program input",
            "aria-invalid": failed,
            autoComplete: "off",
            spellCheck: false,
          },
        }}
      />
      <Tooltip title="Send the line (Enter)">
        <span>
          <IconButton type="submit" size="small" aria-label="Send line" disabled={isClosed}>
            <KeyboardReturnIcon fontSize="small" />
          </IconButton>
        </span>
      </Tooltip>
      <Button size="small" disabled={isClosed} onClick={() => void send(null)} sx={{ flex: "none" }}>
        End input
      </Button>
    </Box>
  );
}
