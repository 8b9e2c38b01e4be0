import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { DataTable, type Column } from "../../components/data-table";
import { Section } from "../../components/section";
import { formatAgo } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { useKeysQuery, useRevokeKeyMutation, type Key } from "./account-api";
import { NewKeyDialog } from "./new-key-dialog";

const MINUTE_MS = 60_000;

/** The account's API keys: how programs come in without a password. */
export function KeysSection({ isOperator }: { isOperator: boolean }): React.JSX.Element {
  const { data, error } = useKeysQuery();
  const [revoke] = useRevokeKeyMutation();
  const [isMaking, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const now = useNow(MINUTE_MS);
  return (
    <Section
      title="API keys"
      text="For programs: each may do what its scopes say, until it expires or you revoke it."
      actions={
        <Button variant="outlined" onClick={() => setMaking(true)}>
          New API key
        </Button>
      }
    >
      {error ? (
        <Alert severity="error">{queryErrorText(error)}</Alert>
      ) : (
        <DataTable
          label="API keys"
          columns={columns(now, setDoomed)}
          rows={data?.items}
          keyOf={({ id }) => id}
          empty="No API keys yet. One lets the command line or a script work as you."
        />
      )}
      {isMaking && <NewKeyDialog isOperator={isOperator} onClose={() => setMaking(false)} />}
      {doomed && (
        <ConfirmDialog
          title="Revoke this API key?"
          action="Revoke"
          danger
          onConfirm={() => revoke(doomed.id).unwrap()}
          onClose={() => setDoomed(null)}
          describe={queryErrorText}
        >
          “{doomed.name}” opens nothing from then on, and what it has open ends.
        </ConfirmDialog>
      )}
    </Section>
  );
}

function columns(now: number, onRevoke: (key: Key) => void): Column<Key>[] {
  const date = (time: string): string => new Date(time).toLocaleDateString();
  return [
    { title: "Name", show: ({ name }) => <span style={{ overflowWrap: "anywhere" }}>{name}</span> },
    {
      title: "Scopes",
      show: ({ scopes }) => (
        <Typography variant="body2" component="span">
          {scopes.join(", ")}
        </Typography>
      ),
    },
    {
      title: "Last used",
      show: ({ last_used_at: time }) => (time ? formatAgo(time, now) : "never"),
    },
    {
      title: "Expires",
      show: ({ expires_at: time }) =>
        !time ? "never" : Date.parse(time) <= now ? `expired ${date(time)}` : date(time),
    },
    {
      title: "",
      align: "right",
      show: (key) => (
        <Button size="small" color="error" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
          Revoke
        </Button>
      ),
    },
  ];
}
