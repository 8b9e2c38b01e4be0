import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Drawer from "@mui/material/Drawer";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { useChangeUserMutation, type Account, type UserChange } from "./admin-api";
import {
  changesBetween,
  overridesFrom,
  QUOTA_NAMES,
  typedFrom,
  type QuotaName,
  type Typed,
} from "./quota-form";

interface UserDrawerProps {
  account: Account;
  onSaved: (account: Account) => void;
  onClose: () => void;
}

/** An account's role and quota: each part with where it comes from, the platform or an override. */
export function UserDrawer({ account, onSaved, onClose }: UserDrawerProps): React.JSX.Element {
  const before = typedFrom(account.overrides);
  const [role, setRole] = useState(account.role);
  const [typed, setTyped] = useState<Typed>(before);
  const [wrong, setWrong] = useState<Typed>({});
  const [isAsking, setAsking] = useState(false);
  const [change, { error }] = useChangeUserMutation();
  const named = fieldProblems(error);

  const changes = changesBetween(before, typed);
  if (role !== account.role) changes.unshift(`Role: ${role}`);
  const set = (name: QuotaName, text: string | undefined): void => {
    const others = Object.entries(typed).filter(([other]) => other !== name);
    setTyped(Object.fromEntries(text === undefined ? others : [...others, [name, text]]));
  };
  const ask = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    const found = overridesFrom(typed).wrong;
    setWrong(found);
    if (Object.keys(found).length === 0 && changes.length > 0) setAsking(true);
  };
  const save = async (): Promise<void> => {
    const body: UserChange = {
      quota: overridesFrom(typed).overrides,
      ...(role !== account.role && { role }),
    };
    onSaved(await change({ id: account.id, changes: body }).unwrap());
  };
  return (
    <Drawer
      anchor="right"
      open
      onClose={onClose}
      slotProps={{
        paper: {
          sx: { width: { xs: "100%", sm: 480 } },
          role: "dialog",
          "aria-modal": true,
          "aria-labelledby": "user-title",
        },
      }}
    >
      <Box
        component="form"
        onSubmit={ask}
        noValidate
        sx={{ display: "flex", flexDirection: "column", height: "100%" }}
      >
        <Box sx={{ p: 3, pb: 2 }}>
          <Typography component="h2" variant="h6" id="user-title" sx={{ overflowWrap: "anywhere" }}>
            {account.email}
          </Typography>
          <Typography variant="body2" color="textSecondary">
            Changes count for new runs.
          </Typography>
        </Box>
        <Box sx={{ flex: 1, overflow: "auto", px: 3, pt: 1, display: "grid", gap: 2, alignContent: "start" }}>
          <TextField
            select
            size="small"
            label="Role"
            value={role}
            onChange={(event) => setRole(event.target.value as Account["role"])}
          >
            <MenuItem value="user">User</MenuItem>
            <MenuItem value="admin">Operator</MenuItem>
          </TextField>
          {(Object.keys(QUOTA_NAMES) as QuotaName[]).map((name) => (
            <QuotaField
              key={name}
              name={name}
              account={account}
              text={typed[name]}
              problem={wrong[name] ?? named[`quota.${name}`]}
              onChange={(text) => set(name, text)}
            />
          ))}
        </Box>
        {error && Object.keys(named).length === 0 && (
          <Alert severity="error" sx={{ mx: 3, mt: 2 }}>
            {queryErrorText(error)}
          </Alert>
        )}
        <Box sx={{ display: "flex", gap: 1, justifyContent: "flex-end", p: 2 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" disabled={changes.length === 0}>
            Save
          </Button>
        </Box>
      </Box>
      {isAsking && (
        <ConfirmDialog
          title="Change this account?"
          action="Change"
          onConfirm={save}
          onClose={() => setAsking(false)}
          describe={queryErrorText}
        >
          {account.email}:
          <ul>
            {changes.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </Drawer>
  );
}

interface QuotaFieldProps {
  name: QuotaName;
  account: Account;
  /** Undefined while the platform's is in force. */
  text: string | undefined;
  problem: string | undefined;
  onChange: (text: string | undefined) => void;
}

function QuotaField({ name, account, text, problem, onChange }: QuotaFieldProps): React.JSX.Element {
  const isOverride = text !== undefined;
  const inForce = typedFrom({ [name]: account.quota[name] })[name] ?? "";
  const wasOverride = name in account.overrides;
  return (
    <Box sx={{ display: "flex", gap: 1, alignItems: "flex-start" }}>
      <TextField
        size="small"
        fullWidth
        label={QUOTA_NAMES[name]}
        value={text ?? (wasOverride ? "" : inForce)}
        onChange={(event) => onChange(event.target.value)}
        error={Boolean(problem)}
        helperText={problem ?? (isOverride ? "Override" : "The platform's")}
        slotProps={{
          htmlInput: { inputMode: name === "egress" ? "text" : "decimal" },
          inputLabel: { shrink: true },
        }}
      />
      <Button
        size="small"
        disabled={!isOverride}
        aria-label={`Reset ${QUOTA_NAMES[name]}`}
        onClick={() => onChange(undefined)}
        sx={{ mt: 0.5 }}
      >
        Reset
      </Button>
    </Box>
  );
}
