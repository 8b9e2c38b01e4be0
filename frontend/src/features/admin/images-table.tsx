import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";

import { CopyButton } from "../../components/copy-button";
import { DataTable, type Column } from "../../components/data-table";
import { formatBytes } from "../../lib/format";
import { HostStates } from "./host-states";
import { namedDigest, shortDigest } from "./image-words";
import type { Image } from "./images-api";

interface TableProps {
  /** Undefined until they are known. */
  images: readonly Image[] | undefined;
  /** What each alias goes back to. */
  targets: ReadonlyMap<string, Image>;
  now: number;
  onActivate: (image: Image) => void;
  onRollBack: (alias: string) => void;
}

/** The images that runs may use, and how each host is with them. */
export function ImagesTable(props: TableProps): React.JSX.Element {
  return (
    <DataTable
      label="Images"
      rows={props.images}
      keyOf={({ alias, ref, digest }) => `${alias ?? ""} ${digest || ref}`}
      empty="No image is there: runs can't start. Pull one from a registry, or build one with `make image`."
      columns={columns(props)}
    />
  );
}

function columns({ targets, now, onActivate, onRollBack }: TableProps): Column<Image>[] {
  return [
    { title: "Alias", show: ({ alias }) => alias ?? "–" },
    { title: "Image", show: (image) => <Name image={image} /> },
    { title: "State", show: (image) => <Role image={image} /> },
    { title: "Hosts", show: (image) => <HostStates image={image} now={now} /> },
    {
      title: "",
      align: "right",
      show: (image) => (
        <Actions
          image={image}
          target={image.active && image.alias !== null ? targets.get(image.alias) : undefined}
          onActivate={onActivate}
          onRollBack={onRollBack}
        />
      ),
    },
  ];
}

function Name({ image }: { image: Image }): React.JSX.Element {
  const { ref, digest, bytes } = image;
  return (
    <Box sx={{ minWidth: 200, maxWidth: 420, overflowWrap: "anywhere" }}>
      <code>{ref}</code>
      <Typography variant="caption" component="p" color="textSecondary">
        {digest && (
          <>
            <code title={digest}>{shortDigest(digest)}</code>
            <CopyButton text={digest} label={`Copy the digest of ${ref}`} />
          </>
        )}
        {bytes !== null && `${formatBytes(bytes)} compressed`}
      </Typography>
    </Box>
  );
}

function Role({ image }: { image: Image }): React.JSX.Element {
  if (image.active) return <Chip size="small" variant="outlined" color="success" label="Active" />;
  return <Chip size="small" variant="outlined" label={image.previous ? "Previous" : "Pulled"} />;
}

interface ActionsProps extends Pick<TableProps, "onActivate" | "onRollBack"> {
  image: Image;
  target: Image | undefined;
}

function Actions({ image, target, onActivate, onRollBack }: ActionsProps): React.JSX.Element {
  const { alias, ref, hosts } = image;
  const isThere = hosts.some(({ state }) => state === "ready");
  return (
    <Box sx={{ display: "grid", justifyItems: "end", whiteSpace: "nowrap" }}>
      {isThere && (
        <Button size="small" aria-label={`Activate ${ref}`} onClick={() => onActivate(image)}>
          {image.active ? "Activate for another alias…" : "Activate…"}
        </Button>
      )}
      {target && alias !== null && (
        <Button
          size="small"
          color="error"
          aria-label={`Roll ${alias} back to ${namedDigest(target.digest)}`}
          onClick={() => onRollBack(alias)}
        >
          Roll back…
        </Button>
      )}
    </Box>
  );
}
