import { useLocation, useNavigate } from "react-router-dom";

/** The line that the page's address names (`#L120`), and how to name another; null is none. */
export function useLinkedLine(): [number | null, (number: number | null) => void] {
  const { hash, search } = useLocation();
  const navigate = useNavigate();
  const number = /^#L([1-9]\d{0,8})$/.exec(hash)?.[1];
  const link = (wanted: number | null): void => {
    void navigate({ search, hash: wanted === null ? "" : `L${wanted}` }, { replace: true });
  };
  return [number ? Number(number) : null, link];
}
