import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import { DryRun } from "./dry-run";
import { usePullImageMutation, type Pull, type PullRequest } from "./images-api";
import { PullFields } from "./pull-fields";
import { consequencesOf, formFrom, NEW_PULL, requestFrom, wrongFrom, type PullForm } from "./pull-form";

interface PullDialogProps {
  /** How many hosts are there; undefined while that is not known. */
  hosts: number | undefined;
  /** A pull to be made once more, perhaps changed. */
  again?: PullRequest;
  onStarted: (pull: Pull, request: PullRequest) => void;
  onClose: () => void;
}

/** Asks which image to pull and what is to become of it; says what that does, or tries it without doing it. */
export function PullDialog({ hosts, again, onStarted, onClose }: PullDialogProps): React.JSX.Element {
  const [form, setForm] = useState(again ? formFrom(again) : NEW_PULL);
  const [typedWrong, setTypedWrong] = useState<ReturnType<typeof wrongFrom>>({});
  const [plan, setPlan] = useState<{ of: PullForm; begun: Pull } | null>(null);
  const [ask, { error, isLoading, originalArgs }] = usePullImageMutation();
  const saidWrong = wrongFrom(fieldProblems(error));
  const isNamed = Object.keys(saidWrong).length > 0;

  const send = async (dryRun: boolean): Promise<void> => {
    const made = requestFrom(form);
    setTypedWrong("wrong" in made ? made.wrong : {});
    setPlan(null);
    if ("wrong" in made) return;
    const { data } = await ask({ ...made.request, dry_run: dryRun });
    if (!data) return;
    if (dryRun) setPlan({ of: form, begun: data });
    else onStarted(data, made.request);
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" scroll="paper" aria-labelledby="pull-title">
      <DialogTitle id="pull-title">Pull an image</DialogTitle>
      <DialogContent>
        <Stack
          component="form"
          id="pull-form"
          noValidate
          spacing={2}
          sx={{ pt: 1 }}
          onSubmit={(event: React.SyntheticEvent) => {
            event.preventDefault();
            void send(false);
          }}
        >
          <PullFields form={form} wrong={{ ...saidWrong, ...typedWrong }} onChange={setForm} />
          {error && !isNamed && <Alert severity="error">{queryErrorText(error)}</Alert>}
          {/* A plan is of the form as it was. */}
          {plan?.of === form && <DryRun key={plan.begun.id} begun={plan.begun} />}
          <DialogContentText variant="body2">{consequencesOf(form, hosts)}</DialogContentText>
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button loading={isLoading && originalArgs?.dry_run === true} onClick={() => void send(true)}>
          Dry run
        </Button>
        <Button
          type="submit"
          form="pull-form"
          variant="contained"
          loading={isLoading && originalArgs?.dry_run === false}
        >
          Pull
        </Button>
      </DialogActions>
    </Dialog>
  );
}
