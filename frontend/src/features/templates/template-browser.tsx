import SearchIcon from "@mui/icons-material/Search";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import InputAdornment from "@mui/material/InputAdornment";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText, useTemplatesQuery } from "../../api/base-api";
import type { Template } from "../../api/types";
import { EmptyState } from "../../components/page";
import { filterTemplates, tagsOf } from "./filter-templates";
import { TemplatePreview } from "./template-preview";

const GRID = {
  display: "grid",
  gap: 2,
  gridTemplateColumns: "repeat(auto-fill, minmax(min(300px, 100%), 1fr))",
};

/** All programs to start from: found by text or tag, looked at, and used. */
export function TemplateBrowser({ onUse }: { onUse: (template: Template) => void }): React.JSX.Element {
  const { data, isLoading, error, refetch } = useTemplatesQuery();
  const [text, setText] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const [previewed, setPreviewed] = useState<Template | null>(null);
  const templates = data?.items ?? [];
  const found = filterTemplates(templates, text, tag);
  const clear = (): void => {
    setText("");
    setTag(null);
  };
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center", mb: 2 }}>
        <TextField
          size="small"
          label="Find a template"
          value={text}
          onChange={(event) => setText(event.target.value)}
          sx={{ width: { xs: "100%", sm: 280 }, mr: 1 }}
          slotProps={{
            input: {
              startAdornment: (
                <InputAdornment position="start">
                  <SearchIcon fontSize="small" />
                </InputAdornment>
              ),
            },
          }}
        />
        <Box role="group" aria-label="Tags" sx={{ display: "flex", flexWrap: "wrap", gap: 0.75 }}>
          {tagsOf(templates).map((name) => (
            <Chip
              key={name}
              label={name}
              size="small"
              variant={tag === name ? "filled" : "outlined"}
              color={tag === name ? "primary" : "default"}
              aria-pressed={tag === name}
              onClick={() => setTag(tag === name ? null : name)}
            />
          ))}
        </Box>
      </Box>
      {error && (
        <Alert severity="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {queryErrorText(error)}
        </Alert>
      )}
      {data && found.length === 0 && (
        <EmptyState
          title="No template like that"
          text="None has all of these words and the tag."
          action={<Button onClick={clear}>Show all templates</Button>}
        />
      )}
      <Box component="ul" aria-label="Templates" sx={{ ...GRID, m: 0, p: 0, listStyle: "none" }}>
        {isLoading &&
          [1, 2, 3, 4, 5, 6].map((n) => (
            <li key={n}>
              <Skeleton variant="rounded" height={236} />
            </li>
          ))}
        {found.map((template) => (
          <TemplateCard
            key={template.name}
            template={template}
            onPreview={() => setPreviewed(template)}
            onUse={() => onUse(template)}
          />
        ))}
      </Box>
      {previewed && (
        <TemplatePreview
          template={previewed}
          onUse={() => onUse(previewed)}
          onClose={() => setPreviewed(null)}
        />
      )}
    </>
  );
}

interface TemplateCardProps {
  template: Template;
  onPreview: () => void;
  onUse: () => void;
}

function TemplateCard({ template, onPreview, onUse }: TemplateCardProps): React.JSX.Element {
  const { title, summary, tags, expected_seconds, data, yields } = template;
  return (
    <Paper
      component="li"
      variant="outlined"
      sx={{ display: "flex", flexDirection: "column", gap: 1.25, p: 2, minWidth: 0 }}
    >
      <Typography component="h2" variant="subtitle1" sx={{ fontWeight: 700 }}>
        {title}
      </Typography>
      <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }}>
        {summary}
      </Typography>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5 }}>
        {tags.map((tag) => (
          <Chip key={tag} size="small" label={tag} />
        ))}
      </Box>
      <Box
        component="dl"
        sx={{
          display: "grid",
          gridTemplateColumns: "auto 1fr",
          columnGap: 1.5,
          rowGap: 0.25,
          m: 0,
          fontSize: 13,
          "& dt": { color: "text.secondary" },
          "& dd": { m: 0, overflowWrap: "anywhere" },
        }}
      >
        {expected_seconds !== null && <Fact name="Takes" value={`about ${expected_seconds} s`} />}
        {data && <Fact name="Data" value={data} />}
        {yields.length > 0 && <Fact name="Yields" value={yields.join(", ")} />}
      </Box>
      <Box sx={{ display: "flex", gap: 1, mt: 0.5 }}>
        <Button variant="contained" size="small" onClick={onUse} aria-label={`Use template ${title}`}>
          Use template
        </Button>
        <Button size="small" onClick={onPreview} aria-label={`Preview ${title}`}>
          Preview
        </Button>
      </Box>
    </Paper>
  );
}

function Fact({ name, value }: { name: string; value: string }): React.JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
