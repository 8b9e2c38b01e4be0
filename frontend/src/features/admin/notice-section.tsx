import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Skeleton from "@mui/material/Skeleton";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useChangeNoticeMutation, useNoticeQuery, type Notice } from "../../api/notice-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { Section } from "../../components/section";

/** What every user is told, and whether runs start. */
export function NoticeSection(): React.JSX.Element {
  const { data, error } = useNoticeQuery();
  return (
    <Section
      title="Maintenance"
      text="While no run starts, new ones are queued and those under way go on to their end."
    >
      {error && !data && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {!error && !data && <Skeleton variant="rounded" height={90} />}
      {data && <NoticeForm key={data.updated_at} notice={data} />}
    </Section>
  );
}

function NoticeForm({ notice }: { notice: Notice }): React.JSX.Element {
  const [text, setText] = useState(notice.text);
  const [draining, setDraining] = useState(notice.draining);
  const [isAsking, setAsking] = useState(false);
  const [change] = useChangeNoticeMutation();
  const isChanged = text !== notice.text || draining !== notice.draining;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center" }}>
      <FormControlLabel
        control={<Switch checked={!draining} onChange={(_event, checked) => setDraining(!checked)} />}
        label="Runs start"
      />
      <TextField
        size="small"
        label="Said to every user"
        value={text}
        onChange={(event) => setText(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 500 } }}
        sx={{ flex: 1, minWidth: 220 }}
      />
      <Button variant="contained" disabled={!isChanged} onClick={() => setAsking(true)}>
        Apply
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Tell every user?"
          action="Apply"
          onConfirm={() => change({ text: text.trim(), draining }).unwrap()}
          onClose={() => setAsking(false)}
          describe={queryErrorText}
        >
          {draining !== notice.draining &&
            (draining
              ? "From now on new runs wait in the queue, and none starts. "
              : "The queue moves again: runs start. ")}
          {text.trim() ? `Every user sees: “${text.trim()}”` : "Users see no text."}
        </ConfirmDialog>
      )}
    </Box>
  );
}
