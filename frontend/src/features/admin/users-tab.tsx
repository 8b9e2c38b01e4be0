import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TextField from "@mui/material/TextField";
import { useSnackbar } from "notistack";
import { useDeferredValue, useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { DataTable, type Column } from "../../components/data-table";
import { formatDuration, formatMemory } from "../../lib/format";
import {
  useChangeUserMutation,
  useSignOutUserMutation,
  useUsersInfiniteQuery,
  type Account,
} from "./admin-api";
import { Failed } from "./failed";
import { UserDrawer } from "./user-drawer";

type Action = "edit" | "disable" | "enable" | "sign-out";
type OnAction = (account: Account, action: Action) => void;

/** The accounts, what they use, and what an operator can do about them. */
export function UsersTab(): React.JSX.Element {
  const [search, setSearch] = useState("");
  const found = useDeferredValue(search.trim());
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useUsersInfiniteQuery(found);
  const [chosen, setChosen] = useState<{ account: Account; action: Action } | null>(null);
  const { enqueueSnackbar } = useSnackbar();
  const close = (): void => setChosen(null);
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  return (
    <>
      <TextField
        size="small"
        label="Find an email"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        sx={{ mb: 2, width: { xs: "100%", sm: 320 } }}
      />
      <DataTable
        label="Users"
        rows={data?.pages.flatMap(({ items }) => items)}
        keyOf={({ id }) => id}
        empty="No account like that."
        columns={columns((account, action) => setChosen({ account, action }))}
      />
      {hasNextPage && (
        <Button sx={{ mt: 1 }} loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      {chosen?.action === "edit" && (
        <UserDrawer
          account={chosen.account}
          onClose={close}
          onSaved={({ email }) => {
            close();
            enqueueSnackbar(`${email} is changed`, { variant: "success" });
          }}
        />
      )}
      {chosen && chosen.action !== "edit" && (
        <ActionDialog {...chosen} action={chosen.action} onClose={close} />
      )}
    </>
  );
}

const ASKED = {
  disable: {
    title: "Disable this account?",
    button: "Disable",
    text: "can't sign in any more. Sessions end now, connections within seconds, and API keys open nothing. Runs under way go on; end them in the queue.",
  },
  enable: {
    title: "Enable this account?",
    button: "Enable",
    text: "can sign in again, and API keys work again. Sessions that ended stay ended.",
  },
  "sign-out": {
    title: "Sign this user out everywhere?",
    button: "Sign out",
    text: "has to sign in again, in every browser. API keys stay.",
  },
} as const;

interface ActionDialogProps {
  account: Account;
  action: keyof typeof ASKED;
  onClose: () => void;
}

function ActionDialog({ account, action, onClose }: ActionDialogProps): React.JSX.Element {
  const [change] = useChangeUserMutation();
  const [signOut] = useSignOutUserMutation();
  const { id, email } = account;
  const act = (): Promise<unknown> =>
    action === "sign-out"
      ? signOut(id).unwrap()
      : change({ id, changes: { disabled: action === "disable" } }).unwrap();
  const { title, button, text } = ASKED[action];
  return (
    <ConfirmDialog
      title={title}
      action={button}
      danger={action === "disable"}
      onConfirm={act}
      onClose={onClose}
      describe={queryErrorText}
    >
      {email} {text} It is written into the audit trail.
    </ConfirmDialog>
  );
}

function columns(onAction: OnAction): Column<Account>[] {
  return [
    { title: "Email", show: ({ email }) => email },
    { title: "Role", show: ({ role }) => (role === "admin" ? "Operator" : "User") },
    {
      title: "State",
      show: ({ disabled }) => (
        <Chip
          size="small"
          variant="outlined"
          color={disabled ? "error" : "success"}
          label={disabled ? "Disabled" : "Active"}
        />
      ),
    },
    {
      title: "Runs now",
      align: "right",
      show: ({ usage, quota }) => `${usage.running_runs} / ${quota.parallel_runs}`,
    },
    { title: "Today", align: "right", show: ({ usage }) => usage.runs_today },
    {
      title: "CPU today",
      align: "right",
      show: ({ usage, quota }) =>
        `${formatDuration(usage.cpu_s_today)} / ${formatDuration(quota.cpu_s_per_day)}`,
    },
    {
      title: "Storage",
      align: "right",
      show: ({ usage, quota }) => `${formatMemory(usage.storage_mb)} / ${formatMemory(quota.storage_mb)}`,
    },
    { title: "Overrides", align: "right", show: ({ overrides }) => Object.keys(overrides).length },
    { title: "", align: "right", show: (account) => <Actions account={account} onAction={onAction} /> },
  ];
}

function Actions({ account, onAction }: { account: Account; onAction: OnAction }): React.JSX.Element {
  const toggle = account.disabled ? ("enable" as const) : ("disable" as const);
  const buttons: { action: Action; text: string }[] = [
    { action: "edit", text: "Edit" },
    { action: toggle, text: ASKED[toggle].button },
    { action: "sign-out", text: "Sign out" },
  ];
  return (
    <Box sx={{ whiteSpace: "nowrap" }}>
      {buttons.map(({ action, text }) => (
        <Button
          key={action}
          size="small"
          color={action === "disable" ? "error" : "primary"}
          aria-label={`${text} ${account.email}`}
          onClick={() => onAction(account, action)}
        >
          {text}
        </Button>
      ))}
    </Box>
  );
}
