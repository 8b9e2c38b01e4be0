import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router-dom";

interface PageTab {
  name: string;
  label: string;
  content: ReactNode;
}

/** Parts of a page of which one is on the screen; the address says which (`tab`). */
export function PageTabs({ label, tabs }: { label: string; tabs: PageTab[] }): React.JSX.Element {
  const [search, setSearch] = useSearchParams();
  const shown = tabs.find(({ name }) => name === search.get("tab")) ?? tabs[0];
  if (!shown) return <></>;
  return (
    <>
      <Tabs
        value={shown.name}
        onChange={(_event, name: string) => setSearch({ tab: name }, { replace: true })}
        variant="scrollable"
        allowScrollButtonsMobile
        aria-label={label}
        sx={{ borderBottom: 1, borderColor: "divider", mb: 2 }}
      >
        {tabs.map(({ name, label: text }) => (
          <Tab key={name} value={name} label={text} id={`tab-${name}`} aria-controls={`panel-${name}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${shown.name}`} aria-labelledby={`tab-${shown.name}`}>
        {shown.content}
      </Box>
    </>
  );
}
