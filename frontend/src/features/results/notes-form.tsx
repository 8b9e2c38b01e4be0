import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useAnnotateRunMutation } from "../../api/results-api";
import type { Run } from "../../api/types";
import { tagsIn } from "./tags";

interface NotesFormProps {
  run: Run;
  onDone?: () => void;
}

/** The owner's words on a run. */
export function NotesForm({ run, onDone }: NotesFormProps): React.JSX.Element {
  const [tags, setTags] = useState(run.tags.join(", "));
  const [note, setNote] = useState(run.note);
  const [annotate, { isLoading, error }] = useAnnotateRunMutation();
  const isChanged = note !== run.note || tagsIn(tags).join() !== run.tags.join();
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    annotate({ runId: run.id, changes: { tags: tagsIn(tags), note } })
      .unwrap()
      .then(
        () => onDone?.(),
        () => undefined, // shown below
      );
  };
  return (
    <form onSubmit={submit}>
      <Stack spacing={2}>
        <TextField
          label="Tags"
          size="small"
          value={tags}
          onChange={(event) => setTags(event.target.value)}
          helperText="Separated by commas"
        />
        <TextField
          label="Note"
          size="small"
          multiline
          minRows={2}
          maxRows={10}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
        <Button
          type="submit"
          variant="outlined"
          loading={isLoading}
          disabled={!isChanged}
          sx={{ alignSelf: "start" }}
        >
          Save
        </Button>
      </Stack>
    </form>
  );
}
