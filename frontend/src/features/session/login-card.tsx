import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useState } from "react";

import { useServices } from "../../api/services";
import { LoginForm, type FormMode } from "./login-form";

/** Sign in, or create an account; both end signed in. */
export function LoginCard(): React.JSX.Element {
  const { session } = useServices();
  const [mode, setMode] = useState<FormMode>("sign-in");
  return (
    <Paper variant="outlined" sx={{ width: "100%", maxWidth: 400 }}>
      <Tabs
        value={mode}
        onChange={(_event, chosen: FormMode) => setMode(chosen)}
        variant="fullWidth"
        aria-label="Sign in or register"
        sx={{ borderBottom: 1, borderColor: "divider" }}
      >
        <Tab label="Sign in" value="sign-in" id="tab-sign-in" aria-controls="login-panel" />
        <Tab label="Register" value="register" id="tab-register" aria-controls="login-panel" />
      </Tabs>
      <Box role="tabpanel" id="login-panel" aria-labelledby={`tab-${mode}`} sx={{ p: 3 }}>
        <LoginForm
          key={mode}
          mode={mode}
          onSubmit={(credentials) =>
            mode === "register" ? session.register(credentials) : session.signIn(credentials)
          }
        />
      </Box>
    </Paper>
  );
}
