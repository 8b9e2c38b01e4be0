import Alert from "@mui/material/Alert";
import Autocomplete from "@mui/material/Autocomplete";
import Link from "@mui/material/Link";
import TextField from "@mui/material/TextField";
import { Link as RouterLink } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useSecretsQuery } from "../../api/secrets-api";

interface SecretPickerProps {
  /** Names of the account's secrets that the run's program is to be given. */
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Which of the account's secrets a run's program finds in its environment. */
export function SecretPicker({ chosen, onChange }: SecretPickerProps): React.JSX.Element {
  const { data, error, isLoading } = useSecretsQuery();
  if (error) return <Alert severity="error">{queryErrorText(error)}</Alert>;
  const names = (data?.items ?? []).map(({ name }) => name);
  const gone = chosen.filter((name) => data && !names.includes(name));
  return (
    <Autocomplete
      multiple
      size="small"
      options={names}
      value={[...chosen]}
      loading={isLoading}
      disableCloseOnSelect
      noOptionsText="No more secrets"
      onChange={(_event, picked) => onChange(picked)}
      renderInput={(params) => (
        <TextField
          {...params}
          label="Secrets"
          error={gone.length > 0}
          helperText={
            gone.length > 0 ? (
              `Not there any more: ${gone.join(", ")}`
            ) : (
              <>
                The program finds them in its environment. Set them in{" "}
                <Link component={RouterLink} to="/account">
                  your account
                </Link>
                .
              </>
            )
          }
        />
      )}
    />
  );
}
