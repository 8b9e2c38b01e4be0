import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useEffect } from "react";
import { Navigate, useLocation } from "react-router-dom";

import { useSession } from "../api/services";
import { Logo } from "../components/logo";
import { LoginCard } from "../features/session/login-card";

export function LoginPage(): React.JSX.Element {
  const { user } = useSession();
  const location = useLocation();
  useEffect(() => {
    document.title = "Sign in · ByteMe";
  }, []);
  if (user) return <Navigate to={(location.state as { from?: string } | null)?.from ?? "/"} replace />;
  return (
    <Box
      component="main"
      sx={{
        minHeight: "100%",
        display: "flex",
        flexDirection: "column",
        alignItems: "center",
        justifyContent: "center",
        p: 2,
        gap: 3,
      }}
    >
      <Box sx={{ textAlign: "center" }}>
        <Box sx={{ display: "flex", alignItems: "center", justifyContent: "center", gap: 1.5 }}>
          <Logo size={36} />
          <Typography component="h1" variant="h4" sx={{ fontWeight: 700 }}>
            ByteMe
          </Typography>
        </Box>
        <Typography color="textSecondary">
          Develop and run machine-learning programs in disposable sandboxes
        </Typography>
      </Box>
      <LoginCard />
    </Box>
  );
}
