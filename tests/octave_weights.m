function octave_weights (folder, rank, per_element)
% Random weights of the network that tests/mat.sh has options for, as MATLAB would hold them and as safetensors.
%
% Here shapes are MATLAB's: W (h, w, [d,] in, out). The safetensors file gets the same numbers in our order, which
% this file arrives at by permute, rescast by strides.
addpath (fullfile (fileparts (mfilename ('fullpath')), '..', 'examples', 'matlab'));
rand ('twister', 42);
if rank == 3
  input = [9 8 10 2];
  stem = [3 2 4];
else
  input = [9 8 2];
  stem = [3 2];
end
ones_ = ones (1, rank);
convs = { 'conv1', stem, 2, 4
          'stack1_block1_conv1', 3 * ones_, 4, 4
          'stack1_block1_conv2', 3 * ones_, 4, 4
          'stack2_block1_conv1', 3 * ones_, 4, 6
          'stack2_block1_conv2', 3 * ones_, 6, 6
          'stack2_block1_skip_conv', ones_, 4, 6 };
norms = { 'bn1', 4; 'stack1_block1_bn1', 4; 'stack1_block1_bn2', 4; 'stack2_block1_bn1', 6
          'stack2_block1_bn2', 6; 'stack2_block1_skip_bn', 6 };

layers = struct ('Name', {});
layers(1).Name = 'input';
if per_element
  layers(1).Mean = single (rand (input));
  layers(1).StandardDeviation = single (1 + rand (input));
else
  layers(1).Mean = channels (input(end), rank);
  layers(1).StandardDeviation = 1 + channels (input(end), rank);
end
for i = 1:size (convs, 1)
  layers(end+1).Name = convs{i,1};
  layers(end).Weights = single (rand ([convs{i,2}, convs{i,3}, convs{i,4}]) - 0.5);
  layers(end).Bias = channels (convs{i,4}, rank);
end
for i = 1:size (norms, 1)
  layers(end+1).Name = norms{i,1};
  layers(end).Scale = 0.5 + channels (norms{i,2}, rank);
  layers(end).Offset = channels (norms{i,2}, rank);
  layers(end).TrainedMean = channels (norms{i,2}, rank);
  layers(end).TrainedVariance = 0.5 + channels (norms{i,2}, rank);
end
layers(end+1).Name = 'fc';
layers(end).Weights = single (rand (3, 6) - 0.5);
layers(end).Bias = single (rand (3, 1));

net.Layers = layers;
save_weights (net, fullfile (folder, 'v7.mat'));
save_weights (net, fullfile (folder, 'v6.mat'), '-v6');
for i = 1:numel (layers)
  for name = fieldnames (layers)'
    if isnumeric (layers(i).(name{1}))
      net.Layers(i).(name{1}) = double (layers(i).(name{1}));
    end
  end
end
save_weights (net, fullfile (folder, 'double.mat'));

% Arrays as a dlnetwork has them: tables of learnables and states.
tables = struct ();
tables.Layers = struct ('Name', {layers.Name}, 'Mean', {layers.Mean}, 'StandardDeviation', {layers.StandardDeviation});
tables.Learnables = table_of (layers, {'Weights', 'Bias', 'Scale', 'Offset'});
tables.State = table_of (layers, {'TrainedMean', 'TrainedVariance'});
save_weights (tables, fullfile (folder, 'tables.mat'));
write_safetensors (fullfile (folder, 'net.safetensors'), layers, rank);
end

function v = channels (n, rank)
v = reshape (single (rand (n, 1)), [ones(1, rank), n]);
end

function t = table_of (layers, names)
t = struct ('Layer', {{}}, 'Parameter', {{}}, 'Value', {{}});
for i = 1:numel (layers)
  for k = 1:numel (names)
    if ~isempty (layers(i).(names{k}))
      t.Layer{end+1} = layers(i).Name;
      t.Parameter{end+1} = names{k};
      t.Value{end+1} = layers(i).(names{k});
    end
  end
end
end

function write_safetensors (file, layers, rank)
suffixes = struct ('Weights', 'weight', 'Bias', 'bias', 'Scale', 'weight', 'Offset', 'bias', 'Mean', 'mean', ...
                   'TrainedMean', 'running_mean', 'TrainedVariance', 'running_var', 'StandardDeviation', 'std');
header = '';
data = single ([]);
names = fieldnames (suffixes)';
for i = 1:numel (layers)
  for name = names
    v = layers(i).(name{1});
    if isempty (v)
      continue
    end
    if strcmp (name{1}, 'Weights') && ~strcmp (layers(i).Name, 'fc')
      shape = [size(v, rank + 2), size(v, rank + 1)];
      if rank == 3
        shape = [shape, size(v, 3)];
      end
      shape = [shape, size(v, 1), size(v, 2)];
      order = [2, 1, 3:rank, rank + 1, rank + 2]; % the last of ours first: w, h, d, in, out
    elseif strcmp (name{1}, 'Weights')
      shape = size (v);
      order = [2, 1];
    elseif any (strcmp (name{1}, {'Mean', 'StandardDeviation'})) && size (v, 1) > 1
      shape = [size(v, rank + 1), size(v, 1), size(v, 2)];
      if rank == 3
        shape = [shape(1), size(v, 3), shape(2:3)];
      end
      order = [2, 1, 3:rank + 1];
    else
      shape = numel (v);
      order = 1:max (2, rank + 2);
    end
    v = permute (v, order);
    text = sprintf ('%d,', shape);
    header = [header, sprintf('"%s.%s":{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]},', layers(i).Name, ...
                              suffixes.(name{1}), text(1:end-1), 4 * numel (data), 4 * (numel (data) + numel (v)))];
    data = [data; v(:)];
  end
end
header = ['{', header(1:end-1), '}'];
header = [header, repmat(' ', 1, mod (-numel (header), 8))];
f = fopen (file, 'w', 'ieee-le');
fwrite (f, numel (header), 'uint64');
fwrite (f, header, 'char');
fwrite (f, data, 'single');
fclose (f);
end
