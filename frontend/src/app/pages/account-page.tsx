import Box from "@mui/material/Box";

import { useServices, useSignedInUser } from "../../api/services";
import { Page } from "../../components/page";
import { KeysSection } from "../../features/account/keys-section";
import { PasswordSection } from "../../features/account/password-section";
import { SecretsSection } from "../../features/account/secrets-section";
import { SessionsSection } from "../../features/account/sessions-section";
import { UsageSection } from "../../features/account/usage-section";

/** What is the user's own: quota, keys, secrets, password, sessions. */
export default function AccountPage(): React.JSX.Element {
  const user = useSignedInUser();
  const { session } = useServices();
  return (
    <Page title="Account">
      <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: "minmax(0, 1fr)", maxWidth: 900, mx: "auto" }}>
        <UsageSection />
        <KeysSection isOperator={user.role === "admin"} />
        <SecretsSection />
        <PasswordSection />
        <SessionsSection onSignedOut={() => void session.signOut()} />
      </Box>
    </Page>
  );
}
