import { createTheme } from "@mui/material/styles";

/** Light and dark in one theme, as CSS variables: switching does not render anything again. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: "class" },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: "#0b5cad" },
        error: { main: "#b3212c" },
        success: { main: "#1a6b2f" },
        info: { main: "#0b5cad" },
        background: { default: "#f6f8fa", paper: "#ffffff" },
        text: { primary: "#1f2328", secondary: "#57606a" },
      },
    },
    dark: {
      palette: {
        primary: { main: "#85c1ff" },
        error: { main: "#ff8b80" },
        success: { main: "#6fdd8b" },
        info: { main: "#85c1ff" },
        background: { default: "#0d1117", paper: "#161b22" },
        text: { primary: "#e6edf3", secondary: "#9aa4af" },
      },
    },
  },
  shape: { borderRadius: 6 },
  typography: {
    fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    button: { textTransform: "none", fontWeight: 600 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        "html, body, #root": { height: "100%" },
        "@media (prefers-reduced-motion: reduce)": {
          "*, *::before, *::after": {
            animationDuration: "0.01ms !important",
            transitionDuration: "0.01ms !important",
          },
        },
      },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiButton: { defaultProps: { disableElevation: true } },
  },
});
