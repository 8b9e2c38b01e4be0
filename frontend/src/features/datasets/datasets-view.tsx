import StorageIcon from "@mui/icons-material/Storage";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import { useDeferredValue, useState } from "react";

import { queryErrorText } from "../../api/base-api";
import {
  useDatasetsInfiniteQuery,
  useDiscardUploadMutation,
  usePendingUploadsQuery,
} from "../../api/datasets-api";
import { EmptyState } from "../../components/page";
import { DatasetTable } from "./dataset-table";
import { DropZone } from "./drop-zone";
import { FileButton } from "./file-button";
import { QuotaBar } from "./quota-bar";
import { SameNameDialog } from "./same-name-dialog";
import { UploadList } from "./upload-list";
import { useOffers } from "./use-offers";
import { useUploader } from "./use-uploader";

/** All datasets, and the uploads that will be some. Files may be dropped anywhere. */
export function DatasetsView(): React.JSX.Element {
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const list = useDatasetsInfiniteQuery(wanted, { refetchOnMountOrArgChange: true });
  const { data: pending } = usePendingUploadsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [discard] = useDiscardUploadMutation();
  const { uploader, transfers } = useUploader();
  const { offer, question, answer, failure } = useOffers(uploader);
  const [mismatch, setMismatch] = useState<string | null>(null);

  const datasets = list.data?.pages.flatMap((page) => page.items);
  const left = (pending?.items ?? []).filter(({ id }) => !uploader.isHandling(id));
  const isEmpty = datasets?.length === 0;
  const hasNone = isEmpty && wanted === "" && transfers.length + left.length === 0;
  return (
    <>
      <DropZone onFiles={offer} />
      <Box sx={{ display: "flex", gap: 2, alignItems: "center", flexWrap: "wrap", mb: 3 }}>
        <TextField
          label="Search by name"
          type="search"
          size="small"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          sx={{ flex: "1 1 220px", maxWidth: 420 }}
        />
        <Box sx={{ flex: 1 }} />
        <QuotaBar />
        <FileButton label="Upload" variant="contained" multiple onFiles={offer} />
      </Box>
      {failure !== null && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {queryErrorText(failure)}
        </Alert>
      )}
      {mismatch && (
        <Alert severity="warning" sx={{ mb: 2 }} onClose={() => setMismatch(null)}>
          {mismatch}
        </Alert>
      )}
      <UploadList
        uploader={uploader}
        transfers={transfers}
        pending={left}
        onDiscard={({ id }) => void discard(id)}
        onGoOn={(upload, file) => {
          const fits = file.size === upload.bytes;
          setMismatch(fits ? null : `${file.name} has another size than what was begun as ${upload.name}.`);
          if (fits) uploader.add(file, { name: upload.name, goesOnWith: upload.id });
        }}
      />
      {list.isLoading && <Skeleton variant="rectangular" height={160} />}
      {list.error && <Alert severity="error">{queryErrorText(list.error)}</Alert>}
      {datasets && datasets.length > 0 && <DatasetTable datasets={datasets} />}
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>Show more</Button>}
      {isEmpty && wanted !== "" && (
        <EmptyState title="No such dataset" text={`No dataset of yours has “${wanted}” in its name.`} />
      )}
      {hasNone && (
        <EmptyState
          icon={<StorageIcon />}
          title="No datasets yet"
          text="A dataset is a file that your runs can read: a table, images in a zip, anything. Drop files anywhere on this page."
          action={<FileButton label="Upload a file" variant="outlined" multiple onFiles={offer} />}
        />
      )}
      {question && (
        <SameNameDialog
          key={question.file.name}
          name={question.existing.name}
          version={question.existing.version}
          onAnswer={answer}
        />
      )}
    </>
  );
}
