import { useCallback, useState } from "react";

import {
  useLazyDatasetsNamedQuery,
  usePendingUploadsQuery,
  type Dataset,
  type PendingUpload,
} from "../../api/datasets-api";
import type { SameNameAnswer } from "./same-name-dialog";
import { fingerprintOf, freeName } from "./transfer";
import type { Uploader } from "./uploader";

interface Question {
  file: File;
  existing: Dataset;
  taken: ReadonlySet<string>;
}

interface Offers {
  /** Files that somebody wants to upload: one that was begun before goes on, and of one that is named like a dataset it is asked. */
  offer: (files: File[]) => void;
  question: Question | null;
  answer: (answer: SameNameAnswer) => void;
  failure: unknown;
}

/** From files that were chosen or dropped to uploads. */
export function useOffers(uploader: Uploader): Offers {
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [search] = useLazyDatasetsNamedQuery();
  const { data: pending } = usePendingUploadsQuery();

  const take = useCallback(
    async (file: File) => {
      const left = (pending?.items ?? []).filter(({ id }) => !uploader.isHandling(id));
      const begun = findBegun(file, left);
      if (begun) {
        uploader.add(file, { name: begun.name, goesOnWith: begun.id });
        return;
      }
      const found = (await search(file.name).unwrap()).items;
      const existing = found.find((dataset) => dataset.name === file.name);
      if (!existing) uploader.add(file, { name: file.name });
      else {
        const taken = new Set(found.map(({ name }) => name));
        setQuestions((before) => [...before, { file, existing, taken }]);
      }
    },
    [pending, search, uploader],
  );

  const offer = useCallback(
    (files: File[]) => {
      setFailure(null);
      void (async () => {
        for (const file of files) await take(file);
      })().catch(setFailure);
    },
    [take],
  );

  const answer = (chosen: SameNameAnswer): void => {
    const [first, ...rest] = questions;
    setQuestions(rest);
    if (!first || chosen === "skip") return;
    const { file, existing, taken } = first;
    if (chosen === "version") uploader.add(file, { name: existing.name, dataset: existing.id });
    else uploader.add(file, { name: freeName(file.name, taken) });
  };

  return { offer, question: questions[0] ?? null, answer, failure };
}

function findBegun(file: File, pending: readonly PendingUpload[]): PendingUpload | undefined {
  const fingerprint = fingerprintOf(file);
  return pending.find((upload) => upload.fingerprint === fingerprint && upload.bytes === file.size);
}
