import { useColorScheme } from "@mui/material/styles";

/** Whether the dark scheme is on the screen now, chosen or by the system. */
export function useDark(): boolean {
  const { mode, systemMode } = useColorScheme();
  return (mode === "system" ? systemMode : mode) === "dark";
}
