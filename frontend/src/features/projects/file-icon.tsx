import ArticleIcon from "@mui/icons-material/Article";
import CodeIcon from "@mui/icons-material/Code";
import DataObjectIcon from "@mui/icons-material/DataObject";
import DescriptionIcon from "@mui/icons-material/Description";
import FolderIcon from "@mui/icons-material/Folder";
import FolderOpenIcon from "@mui/icons-material/FolderOpen";
import TableChartIcon from "@mui/icons-material/TableChart";
import TerminalIcon from "@mui/icons-material/Terminal";
import TuneIcon from "@mui/icons-material/Tune";

const ICONS: Record<string, typeof CodeIcon> = {
  py: CodeIcon,
  json: DataObjectIcon,
  yaml: TuneIcon,
  yml: TuneIcon,
  toml: TuneIcon,
  ini: TuneIcon,
  md: ArticleIcon,
  csv: TableChartIcon,
  tsv: TableChartIcon,
  sh: TerminalIcon,
};

/** What kind of file it is, by its ending; the name stands beside it. */
export function FileIcon({ name }: { name: string }): React.JSX.Element {
  const Icon = ICONS[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? DescriptionIcon;
  return <Icon fontSize="inherit" aria-hidden />;
}

export function FolderGlyph({ isOpen }: { isOpen: boolean }): React.JSX.Element {
  return isOpen ? (
    <FolderOpenIcon fontSize="inherit" aria-hidden />
  ) : (
    <FolderIcon fontSize="inherit" aria-hidden />
  );
}
