import AddIcon from "@mui/icons-material/Add";
import ArrowDropDownIcon from "@mui/icons-material/ArrowDropDown";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Divider from "@mui/material/Divider";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";
import ListSubheader from "@mui/material/ListSubheader";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import { useRef } from "react";

import { useProjectsQuery } from "../../api/projects-api";
import { formatAgo } from "../../lib/format";
import { useNow } from "../../lib/use-now";

export type ProjectCommand = "new" | "rename" | "duplicate" | "delete" | "template";

interface ProjectSwitcherProps {
  id: string;
  name: string;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onChosen: (id: string) => void;
  onCommand: (command: ProjectCommand) => void;
}

/** The project's name; behind it the other projects, and what can be done with this one. */
export function ProjectSwitcher({
  id,
  name,
  isOpen,
  onOpen,
  onChosen,
  onCommand,
}: ProjectSwitcherProps): React.JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={button}
        color="inherit"
        size="small"
        endIcon={<ArrowDropDownIcon />}
        aria-label={`Project: ${name}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => onOpen(true)}
        sx={{ minWidth: 0, maxWidth: { xs: 110, sm: 200, md: 260 }, fontWeight: 700 }}
      >
        <Box component="span" sx={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
          {name}
        </Box>
      </Button>
      <Menu
        anchorEl={() => button.current}
        open={isOpen}
        onClose={() => onOpen(false)}
        slotProps={{ paper: { sx: { width: 320, maxWidth: "95vw" } } }}
      >
        {isOpen && <ProjectItems id={id} onChosen={onChosen} />}
        <Divider />
        <MenuItem dense onClick={() => onCommand("new")}>
          <ListItemIcon>
            <AddIcon fontSize="small" />
          </ListItemIcon>
          New project
        </MenuItem>
        <MenuItem dense onClick={() => onCommand("template")}>
          <ListItemText inset>New from a template…</ListItemText>
        </MenuItem>
        <Divider />
        <MenuItem dense onClick={() => onCommand("rename")}>
          <ListItemText inset>Rename…</ListItemText>
        </MenuItem>
        <MenuItem dense onClick={() => onCommand("duplicate")}>
          <ListItemText inset>Duplicate</ListItemText>
        </MenuItem>
        <MenuItem dense onClick={() => onCommand("delete")}>
          <ListItemText inset>Delete</ListItemText>
        </MenuItem>
      </Menu>
    </>
  );
}

function ProjectItems({ id, onChosen }: { id: string; onChosen: (id: string) => void }): React.JSX.Element {
  const { data, isLoading } = useProjectsQuery(undefined, { refetchOnMountOrArgChange: true });
  const now = useNow(null);
  return (
    <Box component="li" role="none">
      <Box component="ul" role="group" aria-label="Projects" sx={{ p: 0, maxHeight: 280, overflow: "auto" }}>
        <ListSubheader role="none" sx={{ lineHeight: "32px", bgcolor: "transparent" }}>
          Projects
        </ListSubheader>
        {isLoading && [1, 2, 3].map((n) => <Skeleton key={n} height={36} sx={{ mx: 2 }} />)}
        {data?.items.map((project) => (
          <MenuItem key={project.id} dense selected={project.id === id} onClick={() => onChosen(project.id)}>
            <ListItemText
              primary={project.name}
              secondary={`Changed ${formatAgo(project.updated_at, now)}`}
              slotProps={{ primary: { noWrap: true } }}
            />
          </MenuItem>
        ))}
      </Box>
    </Box>
  );
}
