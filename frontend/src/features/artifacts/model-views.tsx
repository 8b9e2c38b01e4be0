import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";

import { Facts } from "../../components/facts";
import { formatBytes, plural } from "../../lib/format";
import type { OnnxModel, OnnxValue } from "../../lib/onnx";
import type { SafetensorsHeader } from "../../lib/safetensors";

const TENSORS_SHOWN = 500;

/** Rows of text under a head. */
export function DataTable({
  label,
  head,
  rows,
}: {
  label: string;
  head: string[];
  rows: string[][];
}): React.JSX.Element {
  return (
    <Box sx={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={`Table: ${label}`}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {head.map((name, index) => (
              <TableCell
                key={index}
                component="th"
                scope="col"
                sx={{ fontWeight: 600, whiteSpace: "nowrap" }}
              >
                {name || `(${index + 1})`}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row, number) => (
            <TableRow key={number}>
              {head.map((_name, index) => (
                <TableCell key={index} sx={{ whiteSpace: "nowrap", maxWidth: 400, overflow: "hidden" }}>
                  {row[index] ?? ""}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

/** The tensors of a safetensors file. */
export function SafetensorsView({ header }: { header: SafetensorsHeader }): React.JSX.Element {
  const { tensors, metadata } = header;
  const values = tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  return (
    <>
      <Facts
        facts={[
          ["Format", "safetensors"],
          ["Tensors", tensors.length.toLocaleString("en")],
          ["Parameters", values.toLocaleString("en")],
          ["Weights", formatBytes(bytes)],
          ...Object.entries(metadata),
        ]}
      />
      <Box sx={{ height: 16 }} />
      <DataTable
        label="Tensors"
        head={["Tensor", "Type", "Shape", "Size"]}
        rows={tensors
          .slice(0, TENSORS_SHOWN)
          .map(({ name, dtype, shape, bytes: size }) => [name, dtype, shapeText(shape), formatBytes(size)])}
      />
      {tensors.length > TENSORS_SHOWN && (
        <Typography variant="body2" color="textSecondary">
          And {plural(tensors.length - TENSORS_SHOWN, "more tensor")}.
        </Typography>
      )}
    </>
  );
}

/** The head of an ONNX model. */
export function OnnxView({ model }: { model: OnnxModel }): React.JSX.Element {
  return (
    <>
      <Facts
        facts={[
          ["Format", model.irVersion === null ? "ONNX" : `ONNX, IR version ${model.irVersion}`],
          ["Producer", model.producer || "not told"],
          [
            "Graph",
            `${model.graph || "unnamed"}, ${plural(model.nodes, "node")}, ${plural(model.initializers, "tensor")}`,
          ],
          ["Operators", model.opsets.map(({ domain, version }) => `${domain} ${version}`).join(", ")],
          ...Object.entries(model.metadata),
        ]}
      />
      <Box sx={{ height: 16 }} />
      <DataTable label="Inputs" head={["Input", "Type", "Shape"]} rows={model.inputs.map(valueRow)} />
      <Box sx={{ height: 16 }} />
      <DataTable label="Outputs" head={["Output", "Type", "Shape"]} rows={model.outputs.map(valueRow)} />
    </>
  );
}

function valueRow({ name, type, shape }: OnnxValue): string[] {
  return [name, type ?? "not a tensor", shapeText(shape)];
}

function shapeText(shape: readonly (number | string)[]): string {
  return shape.length > 0 ? shape.join(" × ") : "scalar";
}
