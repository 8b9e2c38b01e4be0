import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import CardActionArea from "@mui/material/CardActionArea";
import CardContent from "@mui/material/CardContent";
import Chip from "@mui/material/Chip";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Skeleton from "@mui/material/Skeleton";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";

import { queryErrorText, useTemplatesQuery } from "../../api/base-api";
import type { Template } from "../../api/types";

interface TemplateGalleryProps {
  onPicked: (template: Template) => void;
  onClose: () => void;
}

/** The programs to start from, as cards. */
export function TemplateGallery({ onPicked, onClose }: TemplateGalleryProps): React.JSX.Element {
  const isNarrow = useMediaQuery("(max-width: 600px)");
  const { data, isLoading, error, refetch } = useTemplatesQuery();
  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      fullScreen={isNarrow}
      maxWidth="md"
      aria-labelledby="templates-title"
    >
      <DialogTitle id="templates-title">Start from a template</DialogTitle>
      <DialogContent>
        {error && (
          <Alert severity="error" action={<Button onClick={() => void refetch()}>Try again</Button>}>
            {queryErrorText(error)}
          </Alert>
        )}
        <Box
          sx={{
            display: "grid",
            gap: 2,
            gridTemplateColumns: "repeat(auto-fill, minmax(240px, 1fr))",
            pt: 0.5,
          }}
        >
          {isLoading && [1, 2, 3, 4, 5, 6].map((n) => <Skeleton key={n} variant="rounded" height={148} />)}
          {data?.items.map((template) => (
            <TemplateCard key={template.name} template={template} onPicked={() => onPicked(template)} />
          ))}
        </Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function TemplateCard({
  template,
  onPicked,
}: {
  template: Template;
  onPicked: () => void;
}): React.JSX.Element {
  return (
    <Card variant="outlined">
      <CardActionArea onClick={onPicked} sx={{ height: "100%" }}>
        <CardContent sx={{ height: "100%", display: "flex", flexDirection: "column", gap: 1 }}>
          <Typography component="h3" variant="subtitle1">
            {template.title}
          </Typography>
          <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }}>
            {template.summary}
          </Typography>
          <Stack direction="row" useFlexGap sx={{ flexWrap: "wrap", gap: 0.5 }}>
            {template.tags.map((tag) => (
              <Chip key={tag} size="small" label={tag} />
            ))}
          </Stack>
        </CardContent>
      </CardActionArea>
    </Card>
  );
}
