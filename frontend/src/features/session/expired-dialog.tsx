import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";

import { useServices, useSession } from "../../api/services";
import { LoginForm } from "./login-form";

/** Over whatever is on the screen when the session has ended: the same user signs in again and nothing is lost. */
export function ExpiredDialog(): React.JSX.Element | null {
  const { session } = useServices();
  const { status, user } = useSession();
  if (status !== "expired" || !user) return null;
  return (
    <Dialog open fullWidth maxWidth="xs" aria-labelledby="expired-title" aria-describedby="expired-text">
      <DialogTitle id="expired-title">Your session has ended</DialogTitle>
      <DialogContent>
        <DialogContentText id="expired-text" sx={{ mb: 3 }}>
          Sign in again to continue. Your files are as you left them, and runs go on.
        </DialogContentText>
        <LoginForm
          mode="sign-in"
          fixedEmail={user.email}
          onSubmit={(credentials) => session.signIn(credentials)}
        />
      </DialogContent>
      <DialogActions>
        <Button onClick={() => void session.signOut()}>Use another account</Button>
      </DialogActions>
    </Dialog>
  );
}
