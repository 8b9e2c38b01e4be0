import AccountCircleIcon from "@mui/icons-material/AccountCircle";
import Divider from "@mui/material/Divider";
import IconButton from "@mui/material/IconButton";
import ListSubheader from "@mui/material/ListSubheader";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tooltip from "@mui/material/Tooltip";
import { useColorScheme } from "@mui/material/styles";
import { useState } from "react";
import { useNavigate } from "react-router-dom";

import { useServices } from "../api/services";
import type { User } from "../api/types";
import { beforeLeaving } from "./leaving";

const MODES = [
  { mode: "system", label: "Colours of the system" },
  { mode: "light", label: "Light" },
  { mode: "dark", label: "Dark" },
] as const;

interface UserMenuProps {
  user: User;
  onFirstSteps: () => void;
}

/** Who is signed in, the way to the account, the colours, and the way out. */
export function UserMenu({ user, onFirstSteps }: UserMenuProps): React.JSX.Element {
  const { session } = useServices();
  const { mode, setMode } = useColorScheme();
  const navigate = useNavigate();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = (): void => setAnchor(null);
  const chose = (act: () => unknown) => (): void => {
    close();
    act();
  };
  const signOut = async (): Promise<void> => {
    close();
    // What was typed last still needs the session.
    await beforeLeaving();
    void navigate("/");
    await session.signOut();
  };
  return (
    <>
      <Tooltip title="Account and appearance">
        <IconButton
          aria-label="Account and appearance"
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <AccountCircleIcon />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
        <ListSubheader role="presentation" sx={{ lineHeight: "32px", bgcolor: "transparent" }}>
          {user.email}
        </ListSubheader>
        <MenuItem onClick={chose(() => navigate("/account"))}>Account</MenuItem>
        <MenuItem onClick={chose(onFirstSteps)}>First steps</MenuItem>
        <Divider />
        {MODES.map((choice) => (
          <MenuItem
            key={choice.mode}
            role="menuitemradio"
            aria-checked={mode === choice.mode}
            selected={mode === choice.mode}
            onClick={() => setMode(choice.mode)}
          >
            {choice.label}
          </MenuItem>
        ))}
        <Divider />
        <MenuItem onClick={() => void signOut()}>Sign out</MenuItem>
      </Menu>
    </>
  );
}
